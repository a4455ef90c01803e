"""What a finished store must be, whatever happened while it was made."""

import numpy as np
import zarr
from support import DECODES, files, query

UNITS = "SELECT unit, status FROM units ORDER BY unit"
ERRORS = "SELECT unit, code FROM errors ORDER BY unit"
JOB = "SELECT id, name, spec, kind, model, model_fingerprint, precision, dim, unit_count, status FROM job"


def check(store, units):
    """Each of the units exactly once, with its array data, nothing divergent, and every file sound."""
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    assert query(store, "PRAGMA foreign_key_check") == []
    assert query(store, "SELECT status, unit_count FROM job") == [("done", units)]
    assert query(store, "SELECT unit FROM divergences") == []
    rows = query(store, UNITS)
    assert [unit for unit, _ in rows] == list(range(units))
    done = np.array([status == "done" for _, status in rows])
    embedding = array(store, "embedding", units)
    assert np.isfinite(embedding[done]).all(), "a committed row has no array data"
    assert np.isnan(embedding[~done]).all(), "a unit that is not done has array data"
    decodes = query(store, "SELECT unit, log_probability FROM decodes ORDER BY unit, language")
    if decodes:
        decoded = array(store, "log_probability", units)
        assert np.isfinite(decoded[done]).all(), "a committed row has no array data"
        assert len(decodes) == done.sum() * decoded.shape[1]


def check_same(store, reference, units):
    """A sound store that is the undisturbed run's: the same bytes in every file of the arrays, the same rows. Attempts,
    workers and times may differ."""
    check(store, units)
    ours, theirs = files(store / "arrays.zarr"), files(reference / "arrays.zarr")
    # The job's id stands in the arrays' attributes, and names the job.
    ours = {name: data.replace(store.name.encode(), reference.name.encode()) for name, data in ours.items()}
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    for sql in (UNITS, DECODES, ERRORS):
        assert query(store, sql) == query(reference, sql)


def array(store, name, units):
    """An array of the store's, [units × values of a unit]."""
    return zarr.open_group(store / "arrays.zarr", mode="r")[name][:].reshape(units, -1)


def check_null(store, units, width):
    """The values that PROTOCOL.md gives a null-probe sweep."""
    expected = (np.arange(units)[:, None] + np.arange(width)[None, :]) % 65536
    np.testing.assert_array_equal(array(store, "embedding", units), expected)
