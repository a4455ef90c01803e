"""A run that was stopped half-way is readable, and goes on where it stands."""

import numpy as np
import pytest
import xarray
from support import BINARY, DECODES, UNITS, Program, bits, committed, files, only_store, query, sonarsweep, wait_for

TOTAL = 480


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return tmp_path_factory.mktemp("resumed")


@pytest.fixture(scope="module")
def half(long_job, results, tmp_path_factory):
    """Stops the long job with some units committed: exit code, unit rows, decodes, arrays."""
    program = Program(tmp_path_factory.mktemp("log") / "run.log", BINARY, "run", long_job, "--results", results,
                      "--workers", "2")
    try:
        wait_for(lambda: committed(results) >= 16, "16 committed units")
        program.interrupt()
        code = program.wait()
    finally:
        program.stop()
    store = only_store(results)
    return code, query(store, UNITS), query(store, DECODES), arrays(store)


def arrays(store):
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        names = ("embedding", "log_probability", "exact_match", "token_errors")
        return {name: dataset[name].values.reshape(TOTAL, -1) for name in names}


def test_ctrl_c_stops_with_code_130(half):
    code, units, _, _ = half
    assert code == 130
    assert 16 <= len(units) < TOTAL


def test_half_done_arrays_are_nan_where_nothing_is_committed(half):
    _, units, _, values = half
    done = np.zeros(TOTAL, bool)
    done[[unit for unit, *_ in units]] = True
    for name in ("embedding", "log_probability"):
        assert np.isfinite(values[name][done]).all()
        assert np.isnan(values[name][~done]).all()


def test_half_done_catalogue_is_whole(half, results):
    assert query(only_store(results), "PRAGMA integrity_check") == [("ok",)]


@pytest.fixture(scope="module")
def resumed(half, long_job, results):
    done = sonarsweep("run", long_job, "--results", results, "--quiet", "--workers", "2")
    assert done.returncode == 0, done.stderr
    return only_store(results)


def test_resuming_computes_only_what_is_missing(half, resumed):
    _, before, decodes_before, values_before = half
    after = query(resumed, UNITS)
    assert [unit for unit, *_ in after] == list(range(TOTAL))
    known = {unit for unit, *_ in before}
    assert [row for row in after if row[0] in known] == before
    assert {worker for unit, _, _, worker, _ in after if unit not in known}.isdisjoint(
        worker for _, _, _, worker, _ in before)
    decodes = query(resumed, DECODES)
    assert [row for row in decodes if row[0] in known] == decodes_before
    rows = sorted(known)
    for name, values in arrays(resumed).items():
        np.testing.assert_array_equal(bits(values[rows]), bits(values_before[name][rows]))


def test_resumed_results_are_those_of_an_undisturbed_run(resumed, long_store):
    assert files(resumed / "arrays.zarr") == files(long_store / "arrays.zarr")
    assert query(resumed, DECODES) == query(long_store, DECODES)


def test_a_complete_run_does_nothing(resumed, long_job, results):
    before = files(results)
    done = sonarsweep("run", long_job, "--results", results)
    assert done.returncode == 0
    assert "is complete already" in done.stderr
    assert files(results) == before
