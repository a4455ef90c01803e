"""A worker in another language does a job of the real coordinator and aggregator."""

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray
from support import UNITS, files, null_spec, only_store, query, run_job, wait_for

WORKER = Path(__file__).with_name("python_worker.py")


@pytest.fixture
def python_worker(fleet):
    def start():
        return fleet.program("python-worker", sys.executable, WORKER, fleet.address("coordinator"))

    return start


def check(store, units, width):
    assert [row[:2] for row in query(store, UNITS)] == [(unit, "done") for unit in range(units)]
    assert query(store, "SELECT count(*) FROM divergences") == [(0,)]
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        expected = (np.arange(units)[:, None] + np.arange(width)[None, :]) % 65536
        assert dataset.embedding.dims == ("sample", "dim")
        np.testing.assert_array_equal(dataset.embedding.values, expected)


def test_it_completes_a_null_probe_job(fleet, python_worker, tmp_path):
    fleet.coordinator()
    fleet.aggregator(tmp_path / "results")
    worker = python_worker()
    client = fleet.peer("coordinator")
    # Beyond unit 65,535 the values wrap.
    job, answer = client.submit(null_spec(66_000, 3))
    assert answer == {"v": 1, "type": "accepted", "job": job}
    status = client.wait_until_done(job)
    assert {key: status[key] for key in ("units", "done", "failed", "skipped", "leases", "problem")} == {
        "units": 66_000, "done": 66_000, "failed": 0, "skipped": 0, "leases": 0, "problem": ""}
    assert worker.is_running()
    check(tmp_path / "results" / job, 66_000, 3)
    # Submitting it again finds its store complete.
    assert client.submit(null_spec(66_000, 3)) == (job, answer)
    assert client.wait_until_done(job)["done"] == 66_000


def test_its_arrays_are_those_of_the_real_worker(fleet, python_worker, tmp_path):
    file = tmp_path / "null.yaml"
    file.write_text("name: 'null'\nsweep: {kind: null-probe, units: 5000, dim: 16}\n")
    real = run_job(file, tmp_path / "real")
    fleet.coordinator()
    fleet.aggregator(tmp_path / "python")
    python_worker()
    client = fleet.peer("coordinator")
    job, _ = client.submit(null_spec(5000, 16))
    assert job == real.name
    client.wait_until_done(job)
    assert files(only_store(tmp_path / "python") / "arrays.zarr") == files(real / "arrays.zarr")


def test_it_outlives_the_aggregator_and_the_coordinator(fleet, python_worker, tmp_path):
    units = 200_000
    coordinator = fleet.coordinator()
    aggregator = fleet.aggregator(tmp_path / "results")
    worker = python_worker()
    client = fleet.peer("coordinator")
    job, _ = client.submit(null_spec(units, 2))

    def progress(more_than):
        def committed():
            status = client.status(job)
            return status and status["type"] == "status" and status["done"] > more_than and status["done"]

        return wait_for(committed, f"more than {more_than} units")

    before = min(progress(0), units - 1)
    aggregator.stop()
    fleet.aggregator(tmp_path / "results", "aggregator-2")
    before = min(progress(before), units - 1)
    # A fresh coordinator knows nothing: the job is submitted again, the store says what is done.
    coordinator.stop()
    fleet.coordinator()
    assert client.submit(null_spec(units, 2))[0] == job
    progress(before)
    client.wait_until_done(job)
    assert worker.is_running()
    check(tmp_path / "results" / job, units, 2)
