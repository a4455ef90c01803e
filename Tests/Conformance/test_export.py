"""What `export` writes is read by numpy, safetensors, csv and json, and is what the store holds."""

import csv
import io
import json
import subprocess

import numpy as np
import pytest
import xarray
from safetensors import safe_open
from support import BINARY, axes, bits, query, sonarsweep


@pytest.fixture(params=["position", "language"])
def store(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def dataset(store):
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        yield dataset


def export(store, *arguments):
    done = sonarsweep("export", store.name, "--results", store.parent, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("array", ["embedding", "log_probability", "exact_match"])
def test_npy_is_the_array_and_its_axes(store, dataset, tmp_path, array):
    file = tmp_path / "array.npy"
    export(store, "--format", "npy", "--array", array, "--output-file", file)
    values = np.load(file)
    np.testing.assert_array_equal(bits(values), bits(dataset[array].values))
    labels = json.loads((tmp_path / "array.npy.axes.json").read_text())
    assert tuple(labels["arrays"][array]) == dataset[array].dims
    assert labels["job"] == store.name
    for axis in labels["axes"]:
        values = axis.get("values") or list(range(axis["start"], axis["start"] + axis["count"]))
        assert values == dataset[axis["name"]].values.tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["array.npy", "array.npy.axes.json"]


def test_npy_goes_to_standard_output(position):
    command = [BINARY, "export", position.name, "--results", position.parent, "--format", "npy", "--output-file", "-"]
    content = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    assert np.load(io.BytesIO(content)).shape == (3, 2, 20, 256)


def test_safetensors_holds_every_array(store, dataset, tmp_path):
    file = tmp_path / "run.safetensors"
    export(store, "--format", "safetensors", "--output-file", file)
    with safe_open(file, framework="np") as tensors:
        assert set(tensors.keys()) == set(dataset.data_vars)
        labels = json.loads(tensors.metadata()["axes"])
        for name in tensors.keys():
            np.testing.assert_array_equal(bits(tensors.get_tensor(name)), bits(dataset[name].values))
            assert tuple(labels["arrays"][name]) == dataset[name].dims


def test_csv_has_labels_decodes_and_values(store, dataset):
    rows = list(csv.DictReader(io.StringIO(export(store, "--format", "csv", "--array", "embedding"))))
    names = list(axes(store))
    assert len(rows) == dataset.embedding[..., 0].size
    embedding = dataset.embedding.values.reshape(len(rows), -1)
    written = np.array([[row[f"embedding_{i}"] for i in range(embedding.shape[1])] for row in rows], np.float32)
    np.testing.assert_array_equal(bits(written), bits(embedding))
    stored = query(store, f"SELECT unit, {', '.join(names)} FROM labelled_units ORDER BY unit")
    assert [(int(row["unit"]), *(row[name] for name in names)) for row in rows] == [
        (unit, *map(str, labels)) for unit, *labels in stored]
    decodes = query(store, "SELECT unit, language, text, expected, exact_match, log_probability FROM decodes")
    for unit, language, text, expected, exact, log_probability in decodes:
        row = rows[unit]
        assert row[f"text_{language}"] == text
        assert row[f"expected_{language}"] == (expected or "")
        assert row[f"exact_match_{language}"] == ("" if exact is None else str(exact))
        assert float(row[f"log_probability_{language}"]) == log_probability


def test_json_lines_have_labels_decodes_and_values(store, dataset):
    rows = [json.loads(line) for line in export(store, "--format", "jsonl", "--array", "embedding").splitlines()]
    columns = axes(store)
    embedding = dataset.embedding.values.reshape(len(rows), -1)
    np.testing.assert_array_equal(bits(np.array([row["embedding"] for row in rows], np.float32)), bits(embedding))
    for row in rows:
        coordinates = np.unravel_index(row["unit"], [len(values) for values in columns.values()])
        for (name, values), i in zip(columns.items(), coordinates):
            assert row["labels"][name] == values[i]
    texts = {(row["unit"], decode["target"]): decode["text"] for row in rows for decode in row["decodes"]}
    assert texts == {(unit, language): text for unit, language, text in query(
        store, "SELECT unit, language, text FROM decodes")}


def test_failed_and_skipped_units_are_rows_without_values(tmp_path):
    long = " ".join(["dog"] * 600)
    (tmp_path / "c.tsv").write_text(f"id\teng_Latn\na\tthe dog sleeps\nb\t{long}\n")
    job = tmp_path / "job.yaml"
    job.write_text("name: f\nsweep: {kind: corpus, file: c.tsv, languages: [eng_Latn]}\ndecode: {languages: [eng_Latn]}\n")
    assert sonarsweep("run", job, "--results", tmp_path / "r", "--quiet", timeout=120).returncode == 2
    done = sonarsweep("export", "f", "--results", tmp_path / "r", "--format", "jsonl", "--array", "embedding")
    good, bad = map(json.loads, done.stdout.splitlines())
    assert (good["status"], len(good["embedding"])) == ("done", 256)
    assert (bad["status"], bad["embedding"], bad["decodes"]) == ("failed", None, [])


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(position, tmp_path):
    done = sonarsweep("export", position.name, "--results", position.parent, "--format", "npy", "--output-file",
                      tmp_path / "missing/array.npy")
    assert done.returncode == 1 and "No such file" in done.stderr
    done = sonarsweep("export", position.name, "--results", position.parent, "--format", "csv", "--array", "nope",
                      "--output-file", tmp_path / "x.csv")
    assert done.returncode == 1 and "it has embedding" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_run(tmp_path):
    """10^6 units of 64 values, 256 MB: measured by the kernel."""
    job = tmp_path / "job.yaml"
    job.write_text("name: big\nmodel: none\nsweep: {kind: null-probe, units: 1000000, dim: 64}\n")
    done = sonarsweep("run", job, "--results", tmp_path / "r", "--quiet", timeout=300)
    assert done.returncode == 0, done.stderr
    for format in ["npy", "safetensors", "csv"]:
        script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
                  "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        measured = subprocess.run(
            ["python3", "-c", script, str(BINARY), "export", "big", "--results", str(tmp_path / "r"), "--format", format,
             "--output-file", str(tmp_path / f"out.{format}")], capture_output=True, text=True, check=True, timeout=300)
        assert int(measured.stdout) < 100 * 1024
    assert np.load(tmp_path / "out.npy", mmap_mode="r").shape == (1000000, 64)
