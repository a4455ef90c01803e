"""Well-formed messages that mean harm or nonsense: each costs its sender, nobody else."""

import contextlib
import sqlite3

import numpy as np
import pytest
from support import BINARY, MODEL, canonical, committed, null_spec, only_store, position_spec, query, wait_for

MAX = (1 << 64) - 1
NAN, INFINITY = float("nan"), float("inf")
COUNTS = {"done": 0, "failed": 0, "skipped": 0}


def decode(**changes):
    return {"languages": ["eng_Latn"], "method": "greedy", "max_tokens": 8, **changes}


def ids(first, last):
    return {"values": {"range": {"from": first, "to": last}}}


SPECS = {
    "no units": null_spec(0, 8),
    "negative units": null_spec(-1, 8),
    "width 0": null_spec(10, 0),
    "width beyond the limit": null_spec(10, 65_537),
    "width is not dim": {**null_spec(10, 8), "model": {"name": "none", "fingerprint": "", "dim": 9}},
    "more than 2^63 units": position_spec(ids(0, 2**32 - 1), ids(0, 2**32 - 1), 5),
    "ids from minus 2^63": position_spec(ids(-(1 << 63), (1 << 63) - 1), ["b"], 5),
    "negative ids": position_spec(ids(-5, 5), ["b"], 5),
    "ids above 2^32": position_spec(ids(1 << 40, (1 << 40) + 1), ["b"], 5),
    "no tokens": position_spec([], ["b"], 5),
    "length 0": position_spec(["a"], ["b"], 0),
    "beam -1": position_spec(["a"], ["b"], 5, decode(method={"beam": -1})),
    "beam 0": position_spec(["a"], ["b"], 5, decode(method={"beam": 0})),
    "beam 10^9": position_spec(["a"], ["b"], 5, decode(method={"beam": 10**9})),
    "max_tokens 0": position_spec(["a"], ["b"], 5, decode(max_tokens=0)),
    "a language twice": position_spec(["a"], ["b"], 5, decode(languages=["eng_Latn", "eng_Latn"])),
    "another version": {**null_spec(10, 8), "version": 2},
    "an unknown kind": {**null_spec(10, 8), "sweep": {"kind": "nonsense", "parameters": {}}},
    "a missing asset": {**null_spec(10, 8), "sweep": {"kind": "corpus", "parameters": {
        "file": {"sha256": "0" * 64}, "form": "text", "sides": [{"column": "a", "language": "eng_Latn"}]}}},
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_that_makes_no_sense_is_rejected(fleet, spec):
    fleet.coordinator()
    client = fleet.peer("coordinator")
    text, job = canonical(spec)
    client.send("submit", job=job, spec=text, assets={})
    answer = client.receive(deadline=5)
    assert answer and answer["type"] == "rejected", answer
    assert answer["reason"]


def record(unit, **changes):
    values = ((np.arange(8) + unit) % 65536).astype("<f4").tobytes()
    return {"unit": unit, "attempt": 1, "seconds": 0.1, "status": "done", "embedding": values, "states": [],
            "decodes": [], **changes}


NOT_FINITE = b"\0\0\x80\x7f" * 8
RECORDS = {
    "seconds that are not a number": record(0, seconds=NAN),
    "infinite seconds": record(0, seconds=INFINITY),
    "a unit outside the sweep": {**record(0), "unit": MAX},
    "a failed unit outside the sweep": {"unit": MAX, "attempt": 1, "seconds": 0.1, "status": "failed", "code": "x",
                                        "message": "y"},
    "a failed unit with seconds that are not a number": {"unit": 0, "attempt": 1, "seconds": NAN, "status": "failed",
                                                         "code": "x", "message": "y"},
    "an embedding too short": record(0, embedding=bytes(28)),
    "an infinite embedding": record(0, embedding=NOT_FINITE),
    "decodes nobody asked for": record(0, decodes=[
        {"language": "eng_Latn", "text": "", "ids": [], "log_probability": 0.0, "score": None, "expectation": None}]),
    "states nobody asked for": record(0, states=[bytes(32)]),
}


@pytest.fixture
def store(fleet, tmp_path):
    """A coordinator, an aggregator, a client, a worker's connection to the aggregator, and an open job of 4 units."""
    fleet.coordinator()
    fleet.aggregator(tmp_path / "results")
    client = fleet.peer("coordinator")
    job, _ = client.submit(null_spec(4, 8))
    wait_for(lambda: client.status(job)["phase"] == "running", "the job to be open")
    worker = fleet.peer("aggregator")
    worker.hello("worker", "test")
    assert worker.receive("acknowledge")
    return client, worker, job


def send(worker, batch, job, records):
    worker.send("records", batch=batch, job=job, fingerprint="", records=records)


@pytest.mark.parametrize("bad", RECORDS.values(), ids=RECORDS)
def test_a_record_that_does_not_fit_is_refused(store, bad):
    client, worker, job = store
    send(worker, 1, job, [bad])
    send(worker, 2, job, [record(unit) for unit in range(4)])
    answers = []
    while not any(2 in answer["committed"] for answer in answers):
        answer = worker.receive("acknowledge", deadline=5)
        assert answer, "the aggregator is stuck"
        answers.append(answer)
    assert [entry["batch"] for answer in answers for entry in answer["refused"]] == [1]
    assert [batch for answer in answers for batch in answer["committed"]] == [2]
    client.wait_until_done(job)


def test_records_of_another_model_are_refused(store):
    _, worker, job = store
    worker.send("records", batch=1, job=job, fingerprint="f" * 64, records=[record(0)])
    (refused,) = worker.receive("acknowledge")["refused"]
    assert refused["batch"] == 1


def test_a_record_that_differs_is_counted_and_changes_nothing(store, tmp_path):
    client, worker, job = store
    send(worker, 1, job, [record(0)])
    assert worker.receive("acknowledge")["committed"] == [1]
    send(worker, 2, job, [record(0, embedding=bytes(32)), record(0)])
    assert worker.receive("acknowledge")["committed"] == [2]
    send(worker, 3, job, [record(unit) for unit in range(4)])
    assert worker.receive("acknowledge")["committed"] == [3]
    client.wait_until_done(job)
    assert query(tmp_path / "results" / job, "SELECT unit FROM divergences") == [(0,)]


def test_records_of_a_job_that_is_done_are_answered(store):
    client, worker, job = store
    send(worker, 1, job, [record(unit) for unit in range(4)])
    assert worker.receive("acknowledge")["committed"] == [1]
    client.wait_until_done(job)
    # A worker that the coordinator had lost sight of was not told to forget the job.
    send(worker, 2, job, [record(1)])
    assert worker.receive("acknowledge", deadline=5), "the worker would send it for ever"


FALSE_RANGES = {
    "beyond the sweep": [0, MAX],
    "beyond the sweep, twice": [0, MAX, 0, MAX],
    "overlapping": [0, 3, 1, 4],
}


@pytest.mark.parametrize("ranges", FALSE_RANGES.values(), ids=FALSE_RANGES)
@pytest.mark.parametrize("message", ["opened", "committed"])
def test_an_aggregators_false_ranges_do_no_harm(fleet, message, ranges):
    coordinator = fleet.coordinator()
    aggregator, client = fleet.peer("coordinator"), fleet.peer("coordinator")
    aggregator.hello("aggregator", "test", "ipc:///nowhere")
    job, _ = client.submit(null_spec(4, 8))
    assert aggregator.receive("open")
    if message == "committed":
        aggregator.send("opened", job=job, committed=[], problem="", **COUNTS)
        aggregator.send("committed", job=job, units=ranges, **COUNTS)
    else:
        aggregator.send("opened", job=job, committed=ranges, problem="", **COUNTS)
    assert client.status(job), "the coordinator does not answer"
    assert coordinator.is_running()


@pytest.fixture
def lonely_worker(fleet):
    """A real worker whose coordinator the test plays."""
    coordinator = fleet.router("coordinator")
    worker = fleet.worker("none")
    coordinator.receive("hello")
    return coordinator, worker


def check_alive(coordinator, worker):
    coordinator.send("identify")
    coordinator.receive("hello", deadline=5)
    assert worker.is_running()


@pytest.mark.parametrize("seconds", [NAN, INFINITY, -INFINITY, -1, 1e308, 0])
def test_a_worker_bears_any_heartbeat_interval(lonely_worker, seconds):
    coordinator, worker = lonely_worker
    coordinator.send("welcome", heartbeat_seconds=seconds, aggregator="")
    check_alive(coordinator, worker)


def test_a_worker_bears_a_lease_of_all_numbers(fleet, lonely_worker):
    coordinator, worker = lonely_worker
    aggregator = fleet.router("aggregator")
    spec, job = canonical(null_spec(4, 8))
    coordinator.send("welcome", heartbeat_seconds=1, aggregator=aggregator.endpoint)
    aggregator.receive("hello")
    aggregator.send("acknowledge", committed=[], refused=[], credit_bytes=1 << 20)
    coordinator.send("job", job=job, spec=spec, assets={})
    coordinator.send("lease", lease=1, job=job, units=[0, MAX], attempt=1)
    coordinator.send("lease", lease=2, job=job, units=[0, 4], attempt=1)
    assert aggregator.receive("records", deadline=5)
    assert worker.is_running()


def test_a_worker_stops_at_once_while_it_loads_its_model(fleet):
    coordinator = fleet.router("coordinator")
    worker = fleet.worker(MODEL)
    coordinator.receive("hello")
    worker.process.terminate()
    assert worker.wait() == 0


def test_an_open_reader_does_not_keep_a_run_from_its_end(program, long_job, tmp_path):
    running = program(BINARY, "run", long_job, "--results", tmp_path, "--workers", "2")
    wait_for(lambda: committed(tmp_path) >= 16, "16 committed units")
    with contextlib.closing(sqlite3.connect(only_store(tmp_path) / "catalogue.sqlite")) as reader:
        assert reader.execute("SELECT count(*) FROM units").fetchone()[0] >= 16
        assert running.wait(20) == 0


def test_a_process_that_has_just_started_stops_when_told(fleet):
    for number in range(20):
        coordinator = fleet.coordinator(f"coordinator-{number}")
        coordinator.process.terminate()
        assert coordinator.wait(5) == 0
