"""monitoring/ against the real thing: promtool reads the files, a real Prometheus scrapes a real fleet as they say, and
every query of the Grafana dashboard and of the rules is asked of it.
"""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from jobs import LONG
from monitored import MonitoredFleet
from prometheus import Prometheus
from support import REPOSITORY, sonarsweep, wait_for

MONITORING = REPOSITORY / "monitoring"
README = (MONITORING / "README.md").read_text()
DASHBOARD = json.loads((MONITORING / "grafana/sonarsweep.json").read_text())
# Metrics Prometheus makes itself.
OWN = {"up", "ALERTS"}
HISTOGRAM = ("bucket", "sum", "count")
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
    files = [yaml.safe_load(file.read_text()) for file in sorted((MONITORING / "rules").glob("*.yml"))]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]
# (name, expression) of every rule.
RULES = [(rule.get("alert") or rule["record"], " ".join(rule["expr"].split())) for rule in rules()]
QUERIES = list(expressions())
RECORDED = {rule["record"] for rule in rules() if "record" in rule}


def metrics_named(expression):
    """The metrics an expression names: words that are no functions, labels, label values or durations."""
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on) *\([^)]*\)", "", expression)
    return set(re.findall(r"\b(?:sonarsweep_|instance:|process_)[\w:]+|\bup\b|\bALERTS\b", text))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """One that works."""
    with MonitoredFleet(tmp_path_factory.mktemp("fleet")) as fleet:
        fleet.start_aggregator()
        for _ in range(2):
            fleet.start_worker()
        fleet.submit(LONG)
        yield fleet


@pytest.fixture(scope="module")
def prometheus(fleet, tmp_path_factory):
    """Scrapes the fleet with monitoring/'s own configuration, only more often."""
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
        yield server


def test_rules_are_valid():
    promtool("check", "rules", *sorted((MONITORING / "rules").glob("*.yml")))


def test_alertmanager_takes_its_example():
    done = subprocess.run(["amtool", "check-config", MONITORING / "alertmanager.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_and_do_not_fire():
    promtool("test", "rules", "alerts_test.yml", cwd=MONITORING / "tests")


def test_every_alert_is_tested_both_ways():
    tests = yaml.safe_load((MONITORING / "tests/alerts_test.yml").read_text())["tests"]
    tested = {(case["alertname"], bool(case["exp_alerts"])) for test in tests for case in test["alert_rule_test"]}
    assert tested == {(rule["alert"], fires) for rule in ALERTS for fires in (True, False)}


@pytest.mark.parametrize("rule", ALERTS, ids=[rule["alert"] for rule in ALERTS])
def test_alerts_tests_can_fail(tmp_path, rule):
    """A comparison that is turned round fails the alert's tests."""
    turned = re.sub(r"(?<=[\w)\]}]) (>|<|==) (?=[\d.i])",
                    lambda found: {" > ": " < ", " < ": " > ", " == ": " != "}[found[0]], rule["expr"])
    assert turned != rule["expr"]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "turned", "rules": [
        {**other, "expr": turned} if other == rule else other for other in rules()]}]}))
    cases = yaml.safe_load((MONITORING / "tests/alerts_test.yml").read_text())
    cases["rule_files"] = ["rules.yml"]
    cases["tests"] = [case for case in cases["tests"] if case["alert_rule_test"][0]["alertname"] == rule["alert"]]
    (tmp_path / "test.yml").write_text(json.dumps(cases))
    done = subprocess.run(["promtool", "test", "rules", "test.yml"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode != 0 and rule["alert"] in done.stdout + done.stderr, turned


def test_metrics_are_as_prometheus_wants_them(fleet):
    text = fleet.ask("/metrics")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stdout + done.stderr, done.stdout + done.stderr


def test_every_metric_that_is_named_exists(fleet):
    """Whether or not it has a value now."""
    families = {name: kind for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", fleet.ask("/metrics"), re.M)}
    known = {name for name, kind in families.items() if kind != "histogram"} | RECORDED | OWN
    known |= {f"{name}_{part}" for name, kind in families.items() if kind == "histogram" for part in HISTOGRAM}
    for name, expression in [*RULES, *expressions()]:
        named = metrics_named(expression)
        assert named, f"{name} names no metric: {expression}"
        assert named <= known, f"{name}: {named - known}"


@pytest.mark.parametrize("name, expression", RULES, ids=[name for name, _ in RULES])
def test_rules_are_evaluated_without_error(prometheus, name, expression):
    def rule():
        groups = prometheus.get("rules")["groups"]
        rule = next(rule for group in groups for rule in group["rules"] if rule["name"] == name)
        return rule["health"] != "unknown" and rule

    assert wait_for(rule, f"{name} to be evaluated")["health"] == "ok", rule()
    prometheus.query(expression)
    if name in RECORDED and name not in LATER:
        wait_for(lambda: prometheus.query(name), f"{name} to be recorded with a value")


@pytest.mark.parametrize("name, expression", QUERIES, ids=[name for name, _ in QUERIES])
def test_every_query_of_the_dashboard_has_data(prometheus, name, expression):
    if metrics_named(expression) & set(LATER):
        prometheus.query(expression)
    else:
        wait_for(lambda: prometheus.query(expression), f"{name} to have data: {expression}")


def test_the_dashboard_finds_the_coordinators(fleet, prometheus):
    """What its variable offers."""
    (variable,) = [v for v in DASHBOARD["templating"]["list"] if v["type"] == "query"]
    selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()

    def found():
        return prometheus.get(f"label/{label}/values", **{"match[]": selector})

    assert wait_for(found, "a coordinator to be found") == [fleet.url.removeprefix("http://")]


def test_no_alert_fires_on_a_fleet_that_is_well(prometheus):
    wait_for(lambda: prometheus.query("sonarsweep_aggregator_up == 1"), "a scrape with the aggregator there")
    assert not prometheus.query('ALERTS{alertstate="firing"}')


def test_the_readme_lists_every_metric(fleet):
    """With its type and labels; and lists no other."""
    table = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) ?\| \S", README.partition("## Metrics")[2], re.M)
    listed = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in table}
    assert len(listed) == len(table)

    def told():
        text = fleet.ask("/metrics")
        families = {name: (kind, set()) for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M)}
        for name, labels in re.findall(r"^(\w+)\{(.*)\} \S+$", text, re.M):
            labels = set(re.findall(r'(\w+)="', labels)) - {"le"}
            families[name if name in families else re.sub(r"_(bucket|sum|count)$", "", name)][1].update(labels)
        return families

    # Open jobs have labels once there are any.
    wait_for(lambda: told()["sonarsweep_job_units"][1], "the job to be open")
    assert listed == told()


def test_the_readme_says_what_to_do_on_every_alert():
    """By its name, severity and how long it waits; the commands it names are the program's."""
    listed = re.findall(r"^### (\w+)\n\n(\w+)(?:, after (\w+))?\. \S", README, re.M)
    assert listed == [(rule["alert"], rule["labels"]["severity"].capitalize(), rule.get("for", "")) for rule in ALERTS]
    descriptions = " ".join(rule["annotations"]["description"] for rule in ALERTS)
    commands = set(re.findall(r"`sonarsweep ([a-z]+)", README + descriptions))
    assert commands
    for command in sorted(commands):
        done = sonarsweep(command, "--help")
        assert done.returncode == 0 and f"sonarsweep {command}" in done.stdout, command
