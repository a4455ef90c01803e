"""monitoring/ against the real thing: promtool reads the files, a real Prometheus scrapes a real fleet as they say, and
every query of the Grafana dashboard and of the rules is asked of it.

That a metric that is renamed, in the program or in a file, fails a test was seen by renaming one
(`Tests/mechanisms.py metric-names`).
"""

import json
import re
import shutil
import subprocess
import urllib.error
from pathlib import Path

import pytest
from monitored import MonitoredFleet
from prometheus import Prometheus
from support import REPOSITORY, wait_for

MONITORING = REPOSITORY / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana/sonarsweep.json").read_text())
JOB = """
name: monitored
sweep:
  kind: position
  language: eng_Latn
  tokens: {ids: {from: 100, to: 104}}
  fillers: [_, the]
  length: 20
decode:
  languages: [eng_Latn]
  max_tokens: 8
"""
# Identifiers of a job file are a range with both its ends: five tokens, two fillers, twenty positions.
UNITS = 5 * 2 * 20
# Metrics Prometheus makes itself.
OWN = {"up", "ALERTS", "scrape_duration_seconds"}
# What has no value in a fleet's first minute, each with the reason.
LATER = {
    "instance:sonarsweep_units_committed_busy:rate5m_avg1h_ago": "there was no hour before",
    "instance:sonarsweep_jobs:unchanged75m": "the jobs have changed just now",
    "ALERTS": "no alert fires",
}


def promtool(*arguments, cwd=None):
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def expressions():
    """Every query of the dashboard, its name, and the expression as Grafana would send it."""
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", interpolated(target["expr"])
    for annotation in DASHBOARD["annotations"]["list"]:
        yield annotation["name"], interpolated(annotation["expr"])


def interpolated(expression):
    text = expression.replace("$instance", ".*").replace("$__rate_interval", "30s")
    assert "$" not in text, f"a variable that is not known: {expression}"
    return text


def rules():
    """(name, expression) of every rule; `record` or `alert` is the name."""
    listed = []
    for file in sorted((MONITORING / "rules").glob("*.yml")):
        name, lines = None, []
        for line in file.read_text().splitlines():
            if found := re.match(r"      - (?:record|alert): (\S+)", line):
                name, lines = found[1], []
                listed.append((name, lines))
            elif found := re.match(r"        expr: (?!>-)(.*)", line):
                lines.append(found[1])
            elif found := re.match(r"          (?!severity|summary|description)(\S.*)", line):
                lines.append(found[1])
            elif re.match(r"        annotations:", line):
                lines = []
    return [(name, " ".join(lines)) for name, lines in listed]


RULES = rules()
RECORDED = {name for name, _ in RULES if ":" in name}


def metrics_named(expression):
    """The metrics an expression names: words that are no functions, labels, label values or durations."""
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on) *\([^)]*\)", "", expression)
    return set(re.findall(r"\b(?:sonarsweep_|instance:|process_)[\w:]+|\bup\b|\bALERTS\b", text))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    with MonitoredFleet(tmp_path_factory.mktemp("fleet")) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def prometheus(fleet, tmp_path_factory):
    """Scrapes the fleet with monitoring/'s own configuration, faster, from before its job till after it."""
    directory = tmp_path_factory.mktemp("prometheus")
    shutil.copytree(MONITORING, directory / "monitoring")
    (directory / "monitoring/sonarsweep.token").write_text(fleet.tokens["read"])
    config = directory / "monitoring/prometheus.yml"
    text = config.read_text()
    for old, new in (("127.0.0.1:5780", fleet.url.removeprefix("http://")), ("_interval: 15s", "_interval: 1s")):
        assert old in text
        text = text.replace(old, new)
    config.write_text(text)
    promtool("check", "config", config)
    with Prometheus(config, directory) as server:
        wait_for(lambda: server.query("sonarsweep_aggregator_up == 1"), "a scrape with the aggregator there")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            fleet.ask("/metrics", role=None)
        assert fleet.run_job(JOB)["units"] == UNITS
        total = 'sum(sonarsweep_units_committed_total{status="done"})'
        wait_for(lambda: server.query(f"{total} == {UNITS}"), "Prometheus to have seen every unit of the job")
        # As long as a rate wants samples on both sides.
        decoded = "instance:sonarsweep_decoded_tokens:rate5m > 0"
        wait_for(lambda: server.query(decoded), "the rules to have seen it as well")
        wait_for(lambda: server.query("sonarsweep_commit_duration_seconds_count > 0"), "the aggregator's measurements")
        yield server


def test_rules_are_valid():
    promtool("check", "rules", *sorted((MONITORING / "rules").glob("*.yml")))


def test_alertmanager_takes_its_example():
    done = subprocess.run(["amtool", "check-config", MONITORING / "alertmanager.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_and_do_not_fire():
    promtool("test", "rules", "alerts_test.yml", cwd=MONITORING / "tests")


def test_every_alert_is_tested_both_ways():
    text = (MONITORING / "tests/alerts_test.yml").read_text()
    alerts = [name for name, _ in RULES if name not in RECORDED]
    assert len(alerts) >= 12
    for name in alerts:
        assert f"- name: {name} fires\n" in text and f"- name: {name} does not fire\n" in text, name


def test_alerts_tests_can_fail(tmp_path):
    """An alert whose comparison is turned round fails its test."""
    for name, expression in RULES:
        turned = re.sub(r"(?<=[\w)\]]) (>|<|==) (?=[\d.i])",
                        lambda found: {" > ": " < ", " < ": " > ", " == ": " != "}[found[0]], expression)
        if name in RECORDED or turned == expression:
            continue
        folder = tmp_path / name
        shutil.copytree(MONITORING, folder)
        text = (folder / "rules/alerts.yml").read_text()
        start = text.index(f"- alert: {name}\n")
        end = text.index("        labels:", start)
        (folder / "rules/alerts.yml").write_text(
            f"{text[:start]}- alert: {name}\n        expr: {json.dumps(turned)}\n{text[end:]}")
        done = subprocess.run(["promtool", "test", "rules", "alerts_test.yml"], capture_output=True, text=True,
                              cwd=folder / "tests")
        assert done.returncode != 0 and name in done.stdout + done.stderr, f"{name}: {turned}"


def test_metrics_are_as_prometheus_wants_them(fleet, prometheus):
    text = fleet.ask("/metrics")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stdout + done.stderr, done.stdout + done.stderr


def test_every_metric_that_is_named_exists(prometheus):
    """Whether or not it has a value now."""
    known = set(prometheus.get("label/__name__/values")) | RECORDED | OWN
    for name, expression in [*RULES, *expressions()]:
        named = metrics_named(expression)
        assert named, f"{name} names no metric: {expression}"
        assert named <= known, f"{name}: {named - known}"


@pytest.mark.parametrize("name, expression", RULES, ids=[name for name, _ in RULES])
def test_rules_are_evaluated_without_error(prometheus, name, expression):
    prometheus.query(expression)
    groups = prometheus.get("rules")["groups"]
    rule = next(rule for group in groups for rule in group["rules"] if rule["name"] == name)
    assert rule["health"] == "ok", rule
    if name in RECORDED and name not in LATER:
        assert prometheus.query(name), f"{name} was recorded without a value"


@pytest.mark.parametrize("name, expression", list(expressions()), ids=[name for name, _ in expressions()])
def test_every_query_of_the_dashboard_has_data(prometheus, name, expression):
    if metrics_named(expression) & set(LATER):
        prometheus.query(expression)
        return
    # A panel shows a time range; the job ran in the last minutes.
    found = prometheus.query(f"max_over_time(({expression})[10m:1s])")
    assert found, f"{name}: no data for {expression}"


def test_no_alert_fires_on_a_fleet_that_is_well(prometheus):
    assert not prometheus.query('ALERTS{alertstate="firing"}')


def test_metrics_count_what_happened(fleet, prometheus):
    assert fleet.metric('sonarsweep_units_committed_total{status="done"}') == UNITS
    assert fleet.metric('sonarsweep_jobs_ended_total{phase="done"}') == 1
    assert fleet.metric('sonarsweep_workers{state="idle"}') == 2
    # UNITS sequences of 20 tokens, the language token and `</s>`; each is encoded by one worker, or rarely by both.
    assert fleet.metric("sonarsweep_encoded_tokens_total") >= UNITS * 22
    assert UNITS <= fleet.metric("sonarsweep_decoded_tokens_total")
    assert fleet.metric('sonarsweep_http_refused_total{reason="unauthenticated"}') == 1
    size, free = (fleet.metric(f"sonarsweep_results_{name}_bytes") for name in ("size", "free"))
    disk = shutil.disk_usage(fleet.directory)
    assert size == disk.total and 0 < free <= disk.total


def test_the_readme_lists_every_metric(fleet, prometheus):
    listed = set(re.findall(r"^\| `(\w+)", (MONITORING / "README.md").read_text(), re.M))
    told = {line.split()[2] for line in fleet.ask("/metrics").splitlines() if line.startswith("# TYPE")}
    assert listed == told
