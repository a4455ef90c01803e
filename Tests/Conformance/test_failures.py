"""Failed units are listed and tried again; records that do not fit are counted."""

import json

import numpy as np
import pytest
import xarray
from support import null_spec, query, sonarsweep, wait_for

UNITS, WIDTH = 6, 8


def record(unit, **changes):
    values = ((np.arange(WIDTH) + unit) % 65536).astype("<f4").tobytes()
    return {"unit": unit, "attempt": 1, "seconds": 0.1, "status": "done", "embedding": values, "states": [],
            "decodes": [], **changes}


def failed(unit, code):
    return {"unit": unit, "attempt": 3, "seconds": 0.1, "status": "failed", "code": code, "message": f"{code} it was"}


@pytest.fixture
def results(fleet, tmp_path):
    """A finished run with three failed units, made by a worker that also sent nonsense."""
    coordinator, aggregator = fleet.coordinator(), fleet.aggregator(tmp_path / "results")
    client = fleet.peer("coordinator")
    job, _ = client.submit(null_spec(UNITS, WIDTH))
    wait_for(lambda: client.status(job)["phase"] == "running", "the job to be open")
    worker = fleet.peer("aggregator")
    worker.hello("worker", "test")
    assert worker.receive("acknowledge")
    for batch, records in enumerate([
        [record(UNITS), record(0)],
        [record(0, embedding=b"\0\0\xc0\x7f" * WIDTH)],
        [failed(1, "quarantined"), failed(2, "internal"), failed(4, "quarantined"), *map(record, (0, 3, 5))],
    ]):
        worker.send("records", batch=batch + 1, job=job, fingerprint="", records=records)
    client.wait_until_done(job)
    aggregator.stop()
    coordinator.stop()
    return tmp_path / "results"


def failures(results, *options):
    done = sonarsweep("results", "failures", "null", "--results", results, "--output", "json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_failures_are_listed_with_their_labels(results):
    assert failures(results)[0] == {"unit": 1, "labels": {"sample": "1"}, "code": "quarantined",
                                    "message": "quarantined it was", "attempts": 3}
    assert [row["unit"] for row in failures(results)] == [1, 2, 4]
    assert [row["unit"] for row in failures(results, "--code", "internal")] == [2]
    table = sonarsweep("results", "failures", "null", "--results", results).stdout.splitlines()
    assert table[0].split() == ["unit", "sample", "failure", "attempts", "reason"]
    assert table[1].split(maxsplit=4) == ["1", "1", "quarantined", "3", "quarantined it was"]


def test_retry_computes_the_named_failures_again_and_then_the_rest(results):
    first = sonarsweep("retry", "null", "--results", results, "--code", "quarantined", "--workers", "1")
    assert first.returncode == 2, first.stderr
    assert "2 failed units put back" in first.stderr
    assert [row["unit"] for row in failures(results)] == [2]
    second = sonarsweep("retry", "null", "--results", results, "--workers", "1", "--output", "json")
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["done"] == UNITS
    (store,) = results.glob("null-*")
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        np.testing.assert_array_equal(dataset.embedding, np.add.outer(np.arange(UNITS), np.arange(WIDTH)))
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    third = sonarsweep("retry", "null", "--results", results)
    assert third.returncode == 0
    assert "no unit failed" in third.stderr
    assert "is complete already" in third.stderr


def test_refused_records_are_counted(results):
    shown = json.loads(sonarsweep("results", "show", "null", "--results", results, "--output", "json").stdout)
    assert shown["summary"]["refused"] == 3
    assert [(row["worker"], row["reason"], row["count"]) for row in shown["refusals"]] == [
        ("test", "outside-the-sweep", 2), ("test", "not-finite", 1)]
    assert "unit 6" in shown["refusals"][0]["example"]
    table = sonarsweep("results", "show", "null", "--results", results).stdout
    assert "3 records did not fit the job" in table
