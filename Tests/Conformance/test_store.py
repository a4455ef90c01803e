"""Standard Python readers open a finished run."""

import csv
import json

import numpy as np
import pandas
import pytest
import xarray
import zarr
from support import DECODES, JOBS, axes, bits, canonical, catalogue, json_rows, query


@pytest.fixture(params=["position", "language"])
def store(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def dataset(store):
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        yield dataset


def test_xarray_selects_by_label(position):
    with xarray.open_zarr(position / "arrays.zarr") as dataset:
        embedding = dataset.embedding.sel(token="dog", filler="_")
        assert embedding.dims == ("position", "dim")
        assert embedding.shape == (20, 256)
        assert embedding.dtype == np.float32
        assert dataset.log_probability.sel(token="cat", filler="the", position=3, target="eng_Latn").ndim == 0


def test_coordinates_are_the_catalogues_axes(store, dataset):
    expected = axes(store)
    spec = json.loads(query(store, "SELECT spec FROM job")[0][0])
    for name, values in expected.items():
        assert dataset[name].dims == (name,)
        assert dataset[name].values.tolist() == values
    assert dataset.embedding.dims == (*expected, "dim")
    assert dataset.target.values.tolist() == spec["decode"]["languages"]
    assert dataset.log_probability.dims == dataset.exact_match.dims == dataset.token_errors.dims == (*expected, "target")


def test_attributes_name_the_job(store, dataset):
    job, model, fingerprint = query(store, "SELECT id, model, model_fingerprint FROM job")[0]
    assert dataset.attrs == {"job": job, "model": model, "model_fingerprint": fingerprint, "precision": "fp32"}


def test_zarr_opens_the_group(store):
    group = zarr.open_group(store / "arrays.zarr", mode="r")
    names = {"embedding", "log_probability", "exact_match", "token_errors", "target", *axes(store)}
    assert set(group.array_keys()) == names
    assert np.isfinite(group["embedding"][:]).all()
    # The group's copy of the arrays' metadata is what the arrays say themselves.
    consolidated = json.loads((store / "arrays.zarr/zarr.json").read_text())["consolidated_metadata"]["metadata"]
    assert consolidated == {name: json.loads((store / f"arrays.zarr/{name}/zarr.json").read_text()) for name in names}


def test_arrays_hold_the_decodes_table(store, dataset):
    shape = [len(values) for values in axes(store).values()]
    targets = dataset.target.values.tolist()
    log_probability = np.full((np.prod(shape), len(targets)), np.nan, np.float32)
    exact_match, token_errors = log_probability.copy(), log_probability.copy()
    for unit, language, _, _, log_p, _, exact, _, _, errors in query(store, DECODES):
        log_probability[unit, targets.index(language)] = log_p
        exact_match[unit, targets.index(language)] = np.nan if exact is None else exact
        token_errors[unit, targets.index(language)] = np.nan if errors is None else errors
    assert np.isfinite(log_probability).all()
    np.testing.assert_array_equal(dataset.log_probability.values, log_probability.reshape(*shape, -1))
    np.testing.assert_array_equal(dataset.exact_match.values, exact_match.reshape(*shape, -1))
    np.testing.assert_array_equal(dataset.token_errors.values, token_errors.reshape(*shape, -1))


def test_position_embeddings_are_those_of_encode(position):
    with xarray.open_zarr(position / "arrays.zarr") as dataset:
        stacked = dataset.embedding.stack(unit=("token", "filler", "position"))
        labels, values = stacked.unit.values.tolist(), stacked.transpose("unit", "dim").values
    rows = []
    for token, filler, place in labels:
        pieces = [filler] * 20
        pieces[place] = token
        rows.append({"pieces": pieces, "language": "eng_Latn"})
    check_embeddings(rows, values)


def test_corpus_embeddings_are_those_of_encode(language):
    with open(JOBS / "corpora/eng-spa-fra.tsv", encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        table = {row["id"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    rows, values = [], []
    with xarray.open_zarr(language / "arrays.zarr") as dataset:
        for pair in dataset.pair.values.tolist():
            for code in dataset.language.values.tolist():
                rows.append({"text": table[pair][code], "language": code})
        values = dataset.embedding.values.reshape(len(rows), -1)
    check_embeddings(rows, values)


def check_embeddings(rows, values):
    answers, code = json_rows("encode", rows)
    assert code == 0
    expected = np.array([answer["embedding"] for answer in answers], np.float32)
    np.testing.assert_array_equal(bits(values), bits(expected))


def test_pandas_reads_the_views(store):
    names = list(axes(store))
    with catalogue(store) as db:
        units = pandas.read_sql("SELECT * FROM labelled_units ORDER BY unit", db)
        decodes = pandas.read_sql("SELECT * FROM labelled_decodes ORDER BY unit", db)
    assert units.columns.tolist() == ["unit", *names, "status", "attempts", "worker", "seconds"]
    assert units.unit.tolist() == list(range(len(units)))
    assert (units.status == "done").all()
    assert not units.duplicated(names).any()
    assert decodes.columns.tolist() == [
        "unit", *names, "target", "text", "expected", "token_ids", "log_probability", "score", "exact_match",
        "expected_tokens", "token_errors"]
    assert len(decodes) == len(query(store, DECODES))


def test_labels_are_in_row_major_order(store):
    columns = axes(store)
    expected = pandas.MultiIndex.from_product(columns.values(), names=columns).tolist()
    rows = query(store, f"SELECT {', '.join(columns)} FROM labelled_units ORDER BY unit")
    assert rows == expected


def test_sqlite_finds_the_catalogue_whole(store):
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    assert query(store, "PRAGMA foreign_key_check") == []
    assert query(store, "SELECT status FROM job") == [("done",)]
    assert query(store, "SELECT count(*) FROM divergences") == [(0,)]
    # Done, it is one file that can be copied.
    assert query(store, "PRAGMA journal_mode") == [("delete",)]
    assert sorted(p.name for p in store.glob("catalogue*")) == ["catalogue.sqlite"]


def test_spec_is_canonical_and_names_the_job(store):
    job, spec = query(store, "SELECT id, spec FROM job")[0]
    assert canonical(json.loads(spec)) == (spec.encode(), job)
