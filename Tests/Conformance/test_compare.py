"""`compare` against numpy on the same arrays."""

import json

import numpy as np
import pytest
import xarray
from support import needs, query, run_job, sonarsweep

JOB = """
name: {name}
precision: {precision}
sweep: {{kind: position, language: eng_Latn, tokens: [{tokens}], fillers: [_, the], length: 8}}
decode: {{languages: [eng_Latn], max_tokens: 32}}
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The same sweep in fp32 and int8, and one with other tokens."""
    needs("int8")
    results = tmp_path_factory.mktemp("compare")
    for name, precision, tokens in [("a", "fp32", "dog, cat"), ("b", "int8", "dog, cat"), ("c", "fp32", "dog, house")]:
        job = results / f"{name}.yaml"
        job.write_text(JOB.format(name=name, precision=precision, tokens=tokens))
        done = sonarsweep("run", job, "--results", results / "r", "--quiet", timeout=120)
        assert done.returncode == 0, done.stderr
    return results / "r", sorted(path for path in (results / "r").iterdir())


def compare(results, *names, output="json"):
    done = sonarsweep("compare", *names, "--results", results, "--output", output, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if output == "json" else done.stdout


def test_embeddings_differ_as_numpy_says(runs):
    results, (a, b, _) = runs
    answer = compare(results, "a", "b")["embeddings"][0]
    x, y = (xarray.open_zarr(run / "arrays.zarr").embedding.values.reshape(-1, 256).astype(float) for run in (a, b))
    cosines = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
    assert answer["units"] == len(x)
    np.testing.assert_allclose(answer["mean_cosine"], cosines.mean(), rtol=1e-9)
    np.testing.assert_allclose(answer["least_cosine"], cosines.min(), rtol=1e-9)
    np.testing.assert_allclose(answer["max_abs_difference"], np.abs(x - y).max(), rtol=1e-9)
    relative = np.linalg.norm(x - y, axis=1) / np.linalg.norm(x, axis=1)
    np.testing.assert_allclose(answer["mean_relative_difference"], relative.mean(), rtol=1e-9)


def test_decodes_agree_as_the_catalogues_say(runs):
    results, (a, b, _) = runs
    answer = compare(results, "a", "b")["decodes"][0]
    first, other = (query(run, "SELECT unit, text, exact_match FROM decodes ORDER BY unit") for run in (a, b))
    assert answer["decodes"] == len(first) == len(other)
    assert answer["identical"] == sum(x[1] == y[1] for x, y in zip(first, other))
    assert answer["first_exact"] == sum(row[2] for row in first)
    assert answer["other_exact"] == sum(row[2] for row in other)


def test_findings_are_paired_by_analysis_measure_and_labels(runs):
    results, (a, _, c) = runs
    answer = compare(results, "a", "c")["findings"]
    assert answer
    stored = [{(analysis, measure, labels): value for analysis, measure, labels, value in query(
        run, "SELECT analysis, measure, labels, value FROM findings ORDER BY id DESC")} for run in (a, c)]
    for finding in answer:
        key = (finding["analysis"], finding["measure"], json.dumps(
            finding["labels"], sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        values = [value and value["value"] for value in finding["values"]]
        assert values == [run.get(key) for run in stored]
        assert finding["values"][1]["difference"] == pytest.approx(values[1] - values[0], abs=1e-12)


def test_other_units_are_not_compared_and_why_is_said(runs):
    results, _ = runs
    answer = compare(results, "a", "c")
    assert answer["embeddings"][0]["reason"] == "the values of the axis 'token' differ"
    assert answer["decodes"][0]["reason"] == "the values of the axis 'token' differ"
    assert "not compared" in compare(results, "a", "c", output="table")


def test_three_runs_and_a_page(runs, tmp_path):
    results, _ = runs
    done = sonarsweep("compare", "a", "b", "c", "--results", results, "--report", tmp_path / "page.html", timeout=120)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text()
    assert "int8" in page and page.count("<caption>") >= 3
    assert sonarsweep("compare", "a", "a", "--results", results).returncode == 1
    assert sonarsweep("compare", "a", "--results", results).returncode == 64
