"""The disk fails at every single call of a small job: nothing is lost, and the store ends as if nothing had happened."""

import os
from concurrent.futures import ThreadPoolExecutor

import faults
import pytest
import zmq
from aggregating import UNITS, Aggregation
from support import DECODES, files, query

ONCE = [("write", "ENOSPC"), ("write", "EIO"), ("write", "short"), ("sync", "ENOSPC"), ("sync", "EIO"), ("sync", "lose"),
        ("rename", "ENOSPC"), ("rename", "EIO"), ("open", "ENOSPC"), ("open", "EIO")]
LASTING = [("write", "ENOSPC"), ("sync", "EIO"), ("rename", "EIO"), ("open", "ENOSPC")]
KILLS = [(call, action) for call in ("write", "sync", "rename", "open") for action in ("kill", "kill-after")]

ROWS = """SELECT unit, status, attempts, seconds, checksum, code, message FROM units LEFT JOIN errors USING (unit)
          ORDER BY unit"""


@pytest.fixture(scope="module")
def context():
    with zmq.Context() as context:
        yield context


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return faults.build(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def undisturbed(context, library, tmp_path_factory):
    """A run without faults: what its store holds, and how many calls of each kind it takes."""
    directory = tmp_path_factory.mktemp("undisturbed")
    experiment = faults.Faults(library, directory / "counts", path=directory / "results")
    with Aggregation(context, directory / "results", experiment.environment) as run:
        run.run()
    assert run.problems == []
    return contents(run.store), experiment.counts()


def contents(store):
    """All that must not depend on what happened meanwhile."""
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    assert query(store, "PRAGMA foreign_key_check") == []
    assert query(store, "SELECT status FROM job") == [("done",)]
    return files(store / "arrays.zarr"), query(store, DECODES), query(store, ROWS)


def check_all(undisturbed, context, library, directory, kinds, lasting=False):
    """Runs a job for every kind of fault and every call that it may hit. Returns the runs."""
    expected, counts = undisturbed
    assert min(counts[call] for call, _ in kinds) > 0, counts

    def run_one(call, nth, action):
        name = f"{call}-{nth}-{action}"
        fault = f"{call}:{nth}{'+' if lasting else ''}:{action}"
        experiment = faults.Faults(library, directory / f"{name}.counts", fault, path=directory / name)
        with Aggregation(context, directory / name, experiment.environment) as run:
            run.run(on_problem=lambda _: experiment.clear())
        assert experiment.failed()[call] > 0, f"{fault} never happened"
        assert contents(run.store) == expected, fault
        return fault, run

    with ThreadPoolExecutor(4 * (os.cpu_count() or 1)) as pool:
        jobs = [pool.submit(run_one, call, nth, action)
                for call, action in kinds for nth in range(1, counts[call] + 1)]
        return [job.result() for job in jobs]


@pytest.mark.parametrize(("call", "action"), ONCE)
def test_a_fault_at_any_call_is_got_over(undisturbed, context, library, tmp_path, call, action):
    runs = check_all(undisturbed, context, library, tmp_path, [(call, action)])
    assert all(run.deaths == 0 for _, run in runs)


@pytest.mark.parametrize(("call", "action"), LASTING)
def test_a_lasting_fault_is_reported_and_waited_for(undisturbed, context, library, tmp_path, call, action):
    runs = check_all(undisturbed, context, library, tmp_path, [(call, action)], lasting=True)
    assert all(run.deaths == 0 for _, run in runs)
    assert [fault for fault, run in runs if not run.problems] == []


@pytest.mark.parametrize(("call", "action"), KILLS)
def test_a_kill_at_any_call_costs_nothing(undisturbed, context, library, tmp_path, call, action):
    runs = check_all(undisturbed, context, library, tmp_path, [(call, action)])
    assert all(run.deaths == 1 for _, run in runs)
    assert len(runs) > UNITS / 4
