"""The HTTP interface of a real fleet: jobs, workers, results, events. What keeps it closed is in test_api_security.py."""

import csv
import io
import json

import numpy as np
import pytest
import xarray
from http_fleet import Events, HTTPFleet
from jobs import LONG, TOO_LONG_CORPUS
from support import axes, bits, query, wait_for

SHORT = """
name: short
sweep:
  kind: position
  language: eng_Latn
  tokens: [dog, cat]
  fillers: [_, the]
  length: 6
decode:
  languages: [eng_Latn, spa_Latn]
  max_tokens: 8
"""
LABELLED = """
name: labelled
sweep: {kind: labelled, file: corpora/some.tsv, language: eng_Latn}
"""
BAD = """
name: bad
sweep:
  kind: position
  language: xxx_Nope
  tokens: [dog]
  fillers: [_]
  lengh: 6
"""


def empty(name):
    """A job of two units, for when only the job matters."""
    return f"name: {name}\nsweep: {{kind: position, language: eng_Latn, tokens: [dog], fillers: [_], length: 2}}\n"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = HTTPFleet(tmp_path_factory.mktemp("fleet"), workers=2)
    yield fleet
    fleet.close()


@pytest.fixture
def idle(tmp_path):
    """A fleet without workers, in which jobs stay as they are."""
    fleet = HTTPFleet(tmp_path)
    yield fleet
    fleet.close()


@pytest.fixture(scope="module")
def short(fleet):
    """A job that is done, and reported."""
    job = fleet.submit(SHORT)
    fleet.wait_until(job, "done")
    wait_for(lambda: (fleet.results / job / "report.html").exists(), "the report")
    return job


@pytest.fixture(scope="module")
def labelled(fleet):
    """A job that is done, three of whose eight units failed."""
    job = fleet.submit(LABELLED, {"corpora/some.tsv": TOO_LONG_CORPUS})
    fleet.wait_until(job, "done")
    return job


@pytest.fixture
def long(fleet):
    """A job that is running and has committed units."""
    job = fleet.submit(LONG)
    wait_for(lambda: fleet.job(job)["committed"] > 0, "units to be committed", 120)
    yield job
    fleet.post(f"/api/v1/jobs/{job}/cancel")


# Submitting


def test_a_submitted_job_is_there_and_durable(idle):
    answer = idle.ask_to_submit(SHORT, query="?priority=7")
    assert answer.status == 201 and answer.type == "application/json"
    job = answer.json
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert job["id"].startswith("short-") and (job["units"], job["priority"], job["owner"]) == (24, 7, "submit")
    assert (job["kind"], job["model"], job["precision"]) == ("position", "sonar-mini", "fp32")
    assert idle.get(answer.headers["Location"]).json["id"] == job["id"]
    idle.coordinator.kill()
    port = idle.port
    idle.coordinator = idle.start("coordinator", "--bind", idle.endpoint, "--http", f"127.0.0.1:{port}", "--results",
                                  idle.results, "--state", idle.directory / "state", "--tokens", idle.token_file)
    idle.coordinator.line()
    idle.coordinator.process.stdout.readline()
    kept = idle.job(job["id"])
    assert all(kept[key] == job[key] for key in ("id", "units", "priority", "owner", "submitted_at"))


def test_the_same_job_again_is_the_same_job(idle):
    first = idle.ask_to_submit(SHORT, query="?priority=7")
    again = idle.ask_to_submit("# as it was\n" + SHORT, file="another.yaml", query="?priority=99")
    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"] and again.json["priority"] == 7
    assert again.headers["Location"] is None
    assert idle.get("/api/v1/jobs").json["total"] == 1


def test_a_job_file_alone_may_be_yaml(idle):
    answer = idle.post("/api/v1/jobs?precision=bf16", SHORT.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status == 201 and answer.json["precision"] == "bf16"
    other = idle.post("/api/v1/jobs", SHORT.encode(), headers={"Content-Type": "application/yaml; charset=utf-8"})
    assert other.status == 201 and other.json["id"] != answer.json["id"]


def test_assets_make_the_job(idle):
    first, second = (idle.submit(LABELLED, {"corpora/some.tsv": text}) for text in (TOO_LONG_CORPUS, TOO_LONG_CORPUS + "a cat\t0\n"))
    assert first != second and [idle.job(job)["units"] for job in (first, second)] == [8, 9]
    missing = idle.ask_to_submit(LABELLED)
    assert "some.tsv" in missing.problem(422) + str(missing.json["mistakes"])


def test_every_mistake_of_a_job_file_is_told(idle):
    answer = idle.ask_to_submit(BAD, file="studies/bad.yaml")
    assert "3 mistakes" in answer.problem(422)
    mistakes = answer.json["mistakes"]
    assert len(mistakes) == 3 and all(mistake.startswith("bad.yaml:") for mistake in mistakes), mistakes
    assert any("lengh" in mistake and ":8" in mistake for mistake in mistakes), mistakes
    assert any("length" in mistake and "lengh" not in mistake for mistake in mistakes), mistakes
    assert any("xxx_Nope" in mistake for mistake in mistakes), mistakes
    assert "/tmp" not in answer.body.decode(), "where it was read is nobody's business"
    assert idle.get("/api/v1/jobs").json["total"] == 0
    assert "mistake" in idle.ask_to_submit("name: [").problem(422)


@pytest.mark.parametrize("body, status, says", [
    (b"{", 400, "JSON"), (b"[]", 400, "JSON"), ({"text": "x"}, 400, "'file' is missing"),
    ({"file": "x", "text": None}, 400, "'text'"), ({"file": "x", "text": "x", "txt": 1}, 400, "'txt'"),
    ({"file": "x", "text": "x", "assets": {"a": "*"}}, 400, "assets.a"), ({"file": "", "text": "x"}, 400, "file"),
    ({"file": "x", "text": SHORT, "assets": {"../../escaped": "eA=="}}, 422, "names"),
    ({"file": "x", "text": SHORT, "assets": {"/tmp/escaped": "eA=="}}, 422, "names"),
    ({"file": "x", "text": SHORT, "assets": {"a": "eA==", "a/b": "eA=="}}, 400, "directory"),
])
def test_a_body_that_is_no_submission_is_refused(fleet, body, status, says):
    assert says in fleet.post("/api/v1/jobs", body, headers={"Content-Type": "application/json"}).problem(status)


# Listing and steering


def test_jobs_are_listed_by_page_and_phase(idle):
    jobs = [idle.submit(empty(f"job-{i}")) for i in range(5)]
    idle.post(f"/api/v1/jobs/{jobs[0]}/cancel")
    listed = idle.get("/api/v1/jobs").json
    assert [job["id"] for job in listed["jobs"]] == jobs[1:] + jobs[:1]
    assert (listed["total"], listed["next"]) == (5, None)
    pages, after = [], ""
    while after is not None:
        page = idle.get(f"/api/v1/jobs?limit=2{after and f'&after={after}'}").json
        pages.append([job["id"] for job in page["jobs"]])
        after = page["next"]
    assert pages == [jobs[1:3], jobs[3:], jobs[:1]]
    cancelled = idle.get("/api/v1/jobs?phase=cancelled").json
    assert [job["id"] for job in cancelled["jobs"]] == jobs[:1] and cancelled["total"] == 1
    for bad in ("phase=nope", "limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "page=1", "after="):
        idle.get(f"/api/v1/jobs?{bad}").problem(400)
    assert "first page" in idle.get("/api/v1/jobs?after=nope").problem(404)


def test_a_job_is_found_by_the_start_of_its_id(idle):
    one, other = idle.submit(empty("walk-one")), idle.submit(empty("walk-other"))
    assert idle.job("walk-on")["id"] == one
    detail = idle.get("/api/v1/jobs/walk-o").problem(409)
    assert one in detail and other in detail
    assert "there is no job 'wolk'" in idle.get("/api/v1/jobs/wolk").problem(404)


def test_a_job_is_paused_resumed_weighed_and_cancelled(fleet, long):
    path = f"/api/v1/jobs/{long}"
    assert fleet.job(long)["phase"] == "running" and fleet.job(long)["workers"] > 0
    assert fleet.post(f"{path}/pause").json["phase"] == "paused"
    assert fleet.post(f"{path}/pause").json["phase"] == "paused", "again is no mistake"
    wait_for(lambda: fleet.job(long)["leases"] == 0, "leases to be given back")
    # Others go on in the meantime.
    other = fleet.submit(empty("meanwhile"))
    fleet.wait_until(other, "done")
    before = fleet.job(long)["committed"]
    assert fleet.job(long)["phase"] == "paused"
    assert fleet.post(f"{path}/resume").json["phase"] in ("queued", "opening", "running")
    wait_for(lambda: fleet.job(long)["committed"] > before, "the job to go on", 120)
    assert fleet.ask("PATCH", path, {"priority": 42}).json["priority"] == fleet.job(long)["priority"] == 42
    for bad in (0, 101, 1.5, "10", None):
        fleet.ask("PATCH", path, {"priority": bad}).problem(400)
    fleet.ask("PATCH", path, {"priority": 1, "owner": "me"}).problem(400)
    assert fleet.job(long)["priority"] == 42
    assert fleet.post(f"{path}/cancel").json["phase"] == "cancelled"
    assert fleet.post(f"{path}/cancel").json["phase"] == "cancelled"
    for action in ("pause", "resume"):
        assert "has ended (cancelled)" in fleet.post(f"{path}/{action}").problem(409)
    assert "has ended" in fleet.ask("PATCH", path, {"priority": 1}).problem(409)
    committed = fleet.job(long)["committed"]
    assert committed > 0
    # What is committed stays; submitted again it goes on from there.
    answer = fleet.ask_to_submit(LONG)
    assert (answer.status, answer.json["id"]) == (201, long)
    wait_for(lambda: fleet.job(long)["phase"] == "running", "the job to run again")
    assert fleet.job(long)["committed"] >= committed


def test_failed_units_are_computed_again(fleet, labelled):
    failed = 'sonarsweep_units_committed_total{status="failed"}'
    assert fleet.job(labelled)["failed"] == 3
    before = fleet.metric(failed)
    code = fleet.get(f"/api/v1/jobs/{labelled}/records?status=failed").json["records"][0]["error"]["code"]
    assert fleet.post(f"/api/v1/jobs/{labelled}/retry?code=another").status == 200
    fleet.wait_until(labelled, "done")
    assert fleet.metric(failed) == before, "no unit failed in another way"
    assert fleet.post(f"/api/v1/jobs/{labelled}/retry?code={code}").json["phase"] != "done"
    wait_for(lambda: fleet.metric(failed) == before + 3, "the units to fail again", 120)
    fleet.wait_until(labelled, "done")
    assert (fleet.job(labelled)["done"], fleet.job(labelled)["failed"]) == (5, 3)
    assert "no results" in fleet.post("/api/v1/jobs/nope-00000000/retry").problem(404)


# Workers


def test_workers_are_listed_and_drained(idle):
    idle.add_workers(2)
    job = idle.submit(LONG)
    wait_for(lambda: [w["state"] for w in idle.get("/api/v1/workers").json["workers"]] == ["working"] * 2, "work", 120)
    wait_for(lambda: idle.job(job)["committed"] > 0, "units", 120)
    first, second = workers = idle.get("/api/v1/workers").json["workers"]
    for worker in workers:
        assert worker["model"] == "sonar-mini" and worker["fingerprint"]
        assert worker["leases"] and all(lease["job"] == job for lease in worker["leases"])
        for lease in worker["leases"]:
            assert 0 <= lease["remaining"] <= lease["end"] - lease["first"] and lease["attempt"] == 1
    assert idle.post(f"/api/v1/workers/{first['id']}/drain").json["state"] == "draining"
    wait_for(lambda: [w["id"] for w in idle.get("/api/v1/workers").json["workers"]] == [second["id"]], "it to leave", 120)
    wait_for(lambda: sum(worker.is_running() for worker in idle.workers) == 1, "its process to end")
    assert [worker.process.returncode for worker in idle.workers if not worker.is_running()] == [0]
    assert idle.metric("sonarsweep_workers_lost_total") == 0
    assert "no worker" in idle.post(f"/api/v1/workers/{first['id']}/drain").problem(404)
    assert idle.job(job)["phase"] == "running", "the other one goes on"


# Results


def test_records_are_what_the_catalogue_holds(fleet, short):
    store = fleet.results / short
    records, after = [], ""
    while after is not None:
        page = fleet.get(f"/api/v1/jobs/{short}/records?limit=7{after and f'&after={after}'}").json
        records += page["records"]
        after = page["next"]
    names = [name for name in axes(store)]
    units = query(store, f"SELECT unit, status, {', '.join(names)} FROM labelled_units ORDER BY unit")
    assert [(r["unit"], r["status"], *(r["labels"][name] for name in names)) for r in records] == [
        (unit, status, *map(str, labels)) for unit, status, *labels in units]
    decodes = query(store, """SELECT unit, language, text, expected, exact_match, token_errors, log_probability
                              FROM decodes ORDER BY unit, language""")
    assert len(decodes) == 48
    assert decodes == [
        (r["unit"], d["target"], d["text"], d["expected"], d["exact_match"], d["token_errors"], d["log_probability"])
        for r in records for d in sorted(r["decodes"], key=lambda decode: decode["target"])]
    assert not fleet.get(f"/api/v1/jobs/{short}/records?status=failed").json["records"]
    assert not fleet.get(f"/api/v1/jobs/{short}/records?after=99999999999999999999999").json["records"]
    assert len(fleet.get(f"/api/v1/jobs/{short}/records").json["records"]) == 24


def test_failed_records_say_why(fleet, labelled):
    failed = fleet.get(f"/api/v1/jobs/{labelled}/records?status=failed").json["records"]
    assert [record["unit"] for record in failed] == [5, 6, 7]
    stored = query(fleet.results / labelled, "SELECT unit, code, message FROM errors ORDER BY unit")
    assert [(r["unit"], r["error"]["code"], r["error"]["message"]) for r in failed] == stored
    assert fleet.get(f"/api/v1/jobs/{labelled}/records?limit=1").json["records"][0]["error"] is None


def test_findings_figures_and_report_of_a_job_that_is_done(fleet, short):
    store = fleet.results / short
    answer = fleet.get(f"/api/v1/jobs/{short}/findings").json
    assert (answer["units"], answer["final"]) == (24, True)
    stored = query(store, "SELECT analysis, question, measure, value, n FROM findings ORDER BY rowid")
    found = [(f["analysis"], f["question"], f["measure"], f["value"], f["n"]) for f in answer["findings"]]
    assert found and sorted(found) == sorted(stored)
    figures = fleet.get(f"/api/v1/jobs/{short}/figures").json
    assert {f"{figure['name']}.svg" for figure in figures["figures"]} == {p.name for p in (store / "figures").glob("*.svg")}
    for figure in figures["figures"]:
        drawn = fleet.get(figure["url"])
        assert drawn.type == "image/svg+xml" and drawn.body == (store / f"figures/{figure['name']}.svg").read_bytes()
    assert "no figure" in fleet.get(f"/api/v1/jobs/{short}/figures/nope.svg").problem(404)
    report = fleet.get(f"/api/v1/jobs/{short}/report")
    assert report.type == "text/html" and report.body == (store / "report.html").read_bytes()
    assert "script-src" not in report.headers["Content-Security-Policy"] and "sandbox" in report.headers["Content-Security-Policy"]


def test_downloads_are_what_the_store_holds(fleet, short):
    store, path = fleet.results / short, f"/api/v1/jobs/{short}/export"
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        embedding, probability = dataset.embedding.values, dataset.log_probability.values
    npy = fleet.get(f"{path}?format=npy")
    assert npy.type == "application/octet-stream"
    assert npy.headers["Content-Disposition"] == f'attachment; filename="{short}.npy"'
    np.testing.assert_array_equal(bits(np.load(io.BytesIO(npy.body))), bits(embedding))
    other = fleet.get(f"{path}?format=npy&array=log_probability").body
    np.testing.assert_array_equal(bits(np.load(io.BytesIO(other))), bits(probability))
    rows = list(csv.DictReader(io.StringIO(fleet.get(f"{path}?format=csv").body.decode())))
    lines = [json.loads(line) for line in fleet.get(f"{path}?format=jsonl&array=embedding").body.splitlines()]
    texts = dict(query(store, "SELECT unit, text FROM decodes WHERE language = 'eng_Latn'"))
    assert len(rows) == len(lines) == len(texts) == 24
    assert [(int(row["unit"]), row["text_eng_Latn"]) for row in rows] == sorted(texts.items())
    written = np.array([line["embedding"] for line in sorted(lines, key=lambda line: line["unit"])], np.float32)
    np.testing.assert_array_equal(bits(written), bits(embedding.reshape(24, -1)))
    assert fleet.get(f"{path}?format=safetensors").status == 200
    for bad, status in (("", 400), ("?format=xlsx", 400), ("?format=npy&array=nope", 404), ("?format=csv&x=1", 400)):
        fleet.get(path + bad).problem(status)


def test_a_download_is_the_same_by_head_without_the_body(fleet, short):
    head = fleet.ask("HEAD", f"/api/v1/jobs/{short}/export?format=csv")
    assert head.status == 200 and head.type == "text/csv" and not head.body


def test_a_running_job_has_findings_and_figures_that_grow(fleet, long):
    def live():
        answer = fleet.get(f"/api/v1/jobs/{long}/findings")
        return answer.json if answer.status == 200 else None

    first = wait_for(live, "findings", 60)
    assert first["findings"] and not first["final"] and 0 < first["units"] <= fleet.job(long)["committed"]
    figures = fleet.get(f"/api/v1/jobs/{long}/figures").json
    assert figures["figures"] and not figures["final"]
    assert b"<svg" in fleet.get(figures["figures"][0]["url"]).body
    assert b"<html" in fleet.get(f"/api/v1/jobs/{long}/report").body
    wait_for(lambda: live()["units"] > first["units"], "findings of more units", 120)
    files = {path.name for path in (fleet.results / long).iterdir()}
    assert "report.html" not in files and "figures" not in files, "the run is as it was"
    assert not query(fleet.results / long, "SELECT * FROM findings")


def test_a_job_without_results_says_so(idle):
    job = idle.submit(empty("waiting"))
    wait_for(lambda: (idle.results / job / "catalogue.sqlite").exists(), "its store")
    assert idle.get(f"/api/v1/jobs/{job}/records").json == {"records": [], "next": None}
    assert "no unit" in idle.get(f"/api/v1/jobs/{job}/findings").problem(409)
    assert "no results of a job 'nope'" in idle.get("/api/v1/jobs/nope/records").problem(404)


def test_without_a_results_directory_the_routes_say_so(tmp_path):
    fleet = HTTPFleet(tmp_path, results=False)
    try:
        for path in ("records", "findings", "figures", "report", "export?format=csv"):
            assert "--results" in fleet.get(f"/api/v1/jobs/x/{path}").problem(409)
    finally:
        fleet.close()


# Events


def test_events_tell_everything_and_then_what_changes(fleet):
    job = fleet.submit(LONG)
    with Events(fleet) as events:
        assert events.response.status == 200
        assert events.response.headers.get_content_type() == "text/event-stream"
        seen = iter(events)
        known = fleet.get("/api/v1/jobs?limit=1000").json["total"]
        first = [next(seen) for _ in range(known + 2)]
        assert [name for name, _ in first] == ["fleet"] + ["job"] * known + ["workers"]
        assert len(first[-1][1]["workers"]) == 2 and first[0][1]["version"]
        moves = []
        while len(set(moves)) < 3:
            name, data = next(seen)
            if name == "job" and data["id"] == job:
                moves.append(data["committed"])
        assert moves == sorted(moves)
        fleet.post(f"/api/v1/jobs/{job}/cancel")
        assert next(data for name, data in seen if name == "job" and data["phase"] == "cancelled")["id"] == job


def test_whoever_connects_again_gets_everything_again(fleet, short):
    for _ in range(2):
        with Events(fleet, headers={"Last-Event-ID": "17"}) as events:
            names, seen = [], iter(events)
            while "workers" not in names:
                names.append(next(seen)[0])
            assert names[0] == "fleet" and "job" in names


def test_events_of_one_job_are_of_this_job_alone(fleet, short):
    with Events(fleet, f"?job={short}") as events:
        seen = iter(events)
        assert next(seen)[1]["id"] == short
        other = fleet.submit(empty("other"))
        fleet.wait_until(other, "done")
        assert fleet.post(f"/api/v1/jobs/{short}/retry").status == 200
        later = [next(seen)[1] for _ in range(2)]
        assert {data["id"] for data in later} == {short}
    fleet.wait_until(short, "done")
    with Events(fleet, "?job=nope") as events:
        assert events.response.status == 404


# The fleet


def test_health_and_readiness(tmp_path):
    fleet = HTTPFleet(tmp_path, aggregator=False)
    try:
        assert fleet.get("/healthz", role=None).json == {"status": "ok", "problem": ""}
        unready = fleet.get("/readyz", role=None)
        assert unready.status == 503 and "aggregator" in unready.json["problem"]
        fleet.start("aggregator", "--coordinator", fleet.endpoint, "--results", fleet.results)
        wait_for(lambda: fleet.get("/readyz", role=None).status == 200, "the aggregator")
        fleet.programs[-1].kill()
        wait_for(lambda: fleet.get("/readyz", role=None).status == 503, "the aggregator to be missed")
        assert fleet.get("/healthz", role=None).status == 200
        fleet.get("/healthz?x=1", role=None).problem(400)
    finally:
        fleet.close()


def test_the_fleet_at_a_glance(fleet, short):
    seen = fleet.get("/api/v1/fleet").json
    assert seen["workers"]["idle"] + seen["workers"]["working"] == 2
    assert seen["jobs"]["done"] >= 1 and set(seen["jobs"]) == {
        "queued", "opening", "running", "paused", "done", "failed", "cancelled"}
    assert seen["aggregator"]["disk_free_bytes"] > 0 and seen["problem"] == ""
    assert fleet.get("/api/v1/identity", role="read").json == {"name": "read", "role": "read"}


def test_metrics_count_requests_by_route(fleet, short):
    sample = 'sonarsweep_http_requests_total{method="GET",route="/api/v1/jobs/{job}",code="200"}'
    before = fleet.metric(sample)
    fleet.job(short)
    fleet.job(short[:6])
    assert fleet.metric(sample) == before + 2
    answer = fleet.get("/metrics")
    assert answer.type == "text/plain" and "version=0.0.4" in answer.headers["Content-Type"]
    fleet.get(f"/api/v1/nowhere/{short}").problem(404)
    assert fleet.metric('sonarsweep_http_requests_total{method="GET",route="other",code="404"}') > 0
    assert f"nowhere/{short}" not in fleet.get("/metrics").body.decode(), "what clients ask for makes no metrics"
