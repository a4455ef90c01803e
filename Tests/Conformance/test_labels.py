"""What a run keeps beside embeddings, as Python sees it: hidden states, second labels, axes of numbers, samples."""

import numpy as np
import pytest
import xarray
from support import DECODES, bits, files, json_rows, query, run_job

STATES = """name: states
sweep:
  kind: position
  language: eng_Latn
  tokens: [dog, cat]
  fillers: [_]
  lengths: [3, 5]
  outputs: [embedding, token_state, input_state]
"""
NOISE = """name: noisy
sweep:
  kind: noise
  language: eng_Latn
  sentences: [the dog sleeps, we eat rice and meat]
  scales: [0, 0.25, 1]
  seeds: [1, 2]
decode:
  languages: [eng_Latn]
  max_tokens: 16
"""
LABELLED = """name: labelled
sweep:
  kind: labelled
  file: classes.tsv
  language: eng_Latn
"""
SAMPLED = """name: sampled
sweep:
  kind: position
  language: eng_Latn
  tokens: [dog, cat, speak]
  fillers: [_, the]
  length: 6
decode:
  languages: [eng_Latn, spa_Latn]
  max_tokens: 16
  method: sample
  temperature: 8
  top_k: 100
  top_p: 0.99
  seed: 4
"""


def run(directory, yaml, *arguments, **others):
    directory.mkdir(exist_ok=True)
    for name, content in others.items():
        (directory / f"{name}.tsv").write_text(content, encoding="utf-8")
    (directory / "job.yaml").write_text(yaml, encoding="utf-8")
    return run_job(directory / "job.yaml", directory / "results", *arguments)


def test_states_are_those_encode_gives(tmp_path):
    store = run(tmp_path, STATES)
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        axes = ["token", "filler", "length", "position"]
        assert dataset.token_state.dims == dataset.input_state.dims == (*axes, "dim")
        places = [(token, length, place) for token in ("dog", "cat") for length in (3, 5) for place in range(length)]
        rows = []
        for token, length, place in places:
            pieces = ["_"] * length
            pieces[place] = token
            rows.append({"pieces": pieces, "language": "eng_Latn"})
        answers, code = json_rows("encode", rows, "--states")
        assert code == 0
        for (token, length, place), answer in zip(places, answers):
            stored = dataset.token_state.sel(token=token, filler="_", length=length, position=place).values
            np.testing.assert_array_equal(bits(stored), bits(np.array(answer["states"][place + 1], np.float32)))
        # What does not exist is NaN; before the first layer a token's state depends on itself and its place alone.
        assert np.isnan(dataset.token_state.sel(length=3, position=4)).all()
        inputs = dataset.input_state.sel(filler="_", position=slice(0, 2))
        np.testing.assert_array_equal(inputs.sel(length=3), inputs.sel(length=5))
        difference = inputs.sel(token="dog") - inputs.sel(token="cat")
        assert np.abs(difference - difference.isel(position=0)).max() < 1e-5


def test_numbers_are_coordinates_and_noise_has_its_length(tmp_path):
    store = run(tmp_path, NOISE)
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        assert dataset.scale.dtype == np.float64 and dataset.scale.values.tolist() == [0, 0.25, 1]
        clean = dataset.embedding.sel(scale=0).astype(float)
        noise = dataset.embedding.sel(scale=0.25).astype(float) - clean
        ratio = np.linalg.norm(noise, axis=-1) / np.linalg.norm(clean, axis=-1)
        np.testing.assert_allclose(ratio, 0.25, rtol=1e-4)
        # A seed's direction is the same on every sentence; another seed's is another.
        unit = noise / np.linalg.norm(noise, axis=-1, keepdims=True)
        np.testing.assert_allclose(unit.isel(sentence=0), unit.isel(sentence=1), atol=1e-5)
        assert abs((unit.sel(seed=1) * unit.sel(seed=2)).sum("dim")).max() < 0.4
    rows = query(store, "SELECT scale, exact_match, expected, expected_tokens, token_errors, text FROM labelled_decodes")
    for scale, exact, expected, tokens, errors, text in rows:
        assert expected in ("the dog sleeps", "we eat rice and meat") and tokens >= 4
        assert (exact == 1) == (errors == 0) == (text == expected)
        if scale == 0:
            assert exact == 1


def test_second_labels_are_coordinates_and_columns(tmp_path):
    sentences = [("a", "the dog sleeps", "good", "1"), ("b", "dog sleeps the", "bad", "1"),
                 ("c", "we eat rice", "good", "2"), ("d", "rice we eat", "bad", "2")]
    table = "id\teng_Latn\tlabel\tpair\n" + "".join("\t".join(row) + "\n" for row in sentences)
    store = run(tmp_path, LABELLED, classes=table)
    with xarray.open_zarr(store / "arrays.zarr") as dataset:
        assert dataset.embedding.dims == ("sentence", "dim")
        assert dataset.label.dims == dataset.pair.dims == ("sentence",)
        assert {"label", "pair"} <= set(dataset.embedding.coords)
        assert dataset.label.values.tolist() == ["good", "bad", "good", "bad"]
        groups = dataset.embedding.groupby("label").mean()
        np.testing.assert_allclose(groups.sel(label="bad"), dataset.embedding.isel(sentence=[1, 3]).mean("sentence"))
    assert query(store, "SELECT sentence, label, pair FROM labelled_units ORDER BY unit") == [
        (sentence, label, pair) for sentence, _, label, pair in sentences]


def test_samples_do_not_depend_on_workers_but_on_the_seed(tmp_path):
    one, three = (run(tmp_path / workers, SAMPLED, "--workers", workers) for workers in ("1", "3"))
    assert one.name == three.name
    assert files(one / "arrays.zarr") == files(three / "arrays.zarr")
    assert query(one, DECODES) == query(three, DECODES)
    other = run(tmp_path / "other", SAMPLED.replace("seed: 4", "seed: 5"))
    assert other.name != one.name
    assert query(other, DECODES) != query(one, DECODES)
    # What is drawn at random is written with the model's own probability, below that of what it would choose itself.
    greedy = run(tmp_path / "greedy", SAMPLED[:SAMPLED.index("  method")])
    with xarray.open_zarr(one / "arrays.zarr") as drawn, xarray.open_zarr(greedy / "arrays.zarr") as chosen:
        assert drawn.log_probability.mean() < chosen.log_probability.mean()
