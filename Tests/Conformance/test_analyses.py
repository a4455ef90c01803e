"""Every analysis, against numpy, scipy and scikit-learn on the same arrays."""

import itertools
import json
import os
import shutil
import subprocess

import numpy as np
import pytest
import xarray
from scipy import optimize, spatial, stats
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, silhouette_score
from sklearn.neighbors import NearestCentroid
from support import BINARY, JOBS, query, run_job, sonarsweep

EXACT = dict(rel=1e-6, abs=1e-9)

POSITION = """
name: analysed-position
sweep:
  kind: position
  language: eng_Latn
  tokens: [dog, cat, speak, house]
  fillers: [_, the]
  length: 9
decode:
  languages: [eng_Latn, spa_Latn]
  max_tokens: 16
"""

ANALYSES = {
    "position": """
- {analysis: success, by: [filler, position]}
- {analysis: success, by: target, select: {filler: the}}
- {analysis: pca, components: 6}
- {analysis: pca, components: 3, select: {filler: _}, mean_over: token}
- {analysis: pca, components: 2, by: filler}
- {analysis: path, axis: position, by: filler}
- {analysis: dimensions, class: position, plus: 1, minus: 0, by: [token, filler], top: 12}
- {analysis: dimensions, class: token, top: 12, select: {filler: _}}
- {analysis: neighbours, by: [token, filler, position]}
- decodes
""",
    "language": """
- {analysis: pca, components: 8, series: language, links: language}
- {analysis: pairs, axis: language}
- {analysis: centroids, class: language}
- {analysis: logistic, class: language}
- {analysis: success, by: [language, target]}
""",
}


class Run:
    """A run's store, its arrays and what its analyses found."""

    def __init__(self, store, job):
        self.store = store
        done = sonarsweep("report", store.name, "--results", store.parent, "--job", job, timeout=300)
        assert done.returncode == 0, done.stderr
        listed = sonarsweep("results", "findings", store.name, "--results", store.parent, "--output", "json")
        assert listed.returncode == 0, listed.stderr
        self.findings = json.loads(listed.stdout)
        with xarray.open_zarr(store / "arrays.zarr") as dataset:
            self.dataset = dataset.load()

    def find(self, analysis, measure, **labels):
        """The only finding of a measure with exactly these labels."""
        found = [f for f in self.findings
                 if (f["analysis"], f["measure"], f["labels"]) == (analysis, measure, {k: str(v) for k, v in labels.items()})]
        assert len(found) == 1, (measure, labels, [f for f in self.findings if f["measure"] == measure])
        return found[0]

    def value(self, analysis, measure, **labels):
        return self.find(analysis, measure, **labels)["value"]


def make(name, job_text, directory):
    job = directory / f"{name}.yaml"
    entries = "".join(f"  {line}\n" for line in ANALYSES[name].strip().splitlines())
    job.write_text(job_text + "analyses:\n" + entries)
    return Run(run_job(job, directory / "results"), job)


@pytest.fixture(scope="module")
def position(tmp_path_factory):
    return make("position", POSITION, tmp_path_factory.mktemp("analysed"))


@pytest.fixture(scope="module")
def language(tmp_path_factory):
    directory = tmp_path_factory.mktemp("analysed")
    shutil.copytree(JOBS / "corpora", directory / "corpora")
    return make("language", (JOBS / "language.yaml").read_text(), directory)


# Statistics of the program's own, written again from their definitions


def mix(value):
    """SplitMix64's output for a state one step on, which folds are chosen by."""
    mask = (1 << 64) - 1
    z = (value + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def wilson(count, n):
    interval = stats.binomtest(int(count), int(n)).proportion_ci(method="wilson")
    return interval.low, interval.high


def check_rate(finding, successes):
    """A rate of booleans with Wilson's interval."""
    successes = np.asarray(successes, bool)
    assert finding["n"] == successes.size
    assert finding["value"] == pytest.approx(successes.mean(), **EXACT)
    assert finding["method"] == "wilson"
    assert (finding["low"], finding["high"]) == pytest.approx(wilson(successes.sum(), successes.size), rel=1e-6, abs=1e-9)


def check_mean(finding, values):
    """A mean whose bootstrap interval is about scipy's."""
    values = np.asarray(values, float)
    assert finding["n"] == values.size
    assert finding["value"] == pytest.approx(values.mean(), **EXACT)
    check_interval(finding, values, np.mean)


def check_interval(finding, values, statistic):
    """The interval of 1,000 resamples is within a quarter of its width of scipy's of 5,000."""
    theirs = stats.bootstrap((values,), statistic, method="percentile", n_resamples=5000, batch=500, vectorized=False,
                             rng=np.random.default_rng(7)).confidence_interval
    margin = 0.25 * (theirs.high - theirs.low) + 1e-9
    assert finding["method"] == "bootstrap"
    assert finding["low"] == pytest.approx(theirs.low, abs=margin)
    assert finding["high"] == pytest.approx(theirs.high, abs=margin)


# Success


def outcomes(run):
    rows = query(run.store, """
        SELECT filler, position, target, exact_match, expected_tokens, token_errors FROM labelled_decodes
        WHERE exact_match IS NOT NULL""")
    return [dict(zip(("filler", "position", "target", "exact", "expected", "errors"), row)) for row in rows]


def test_success_is_the_decodes_tables(position):
    rows = outcomes(position)
    for filler, place in itertools.product(["_", "the"], range(9)):
        chosen = [r for r in rows if (r["filler"], r["position"]) == (filler, place)]
        check_rate(position.find("success", "exact_match_rate", filler=filler, position=place), [r["exact"] for r in chosen])
        errors = position.find("success", "token_error_rate", filler=filler, position=place)
        assert errors["value"] == pytest.approx(
            sum(r["errors"] for r in chosen) / sum(r["expected"] for r in chosen), **EXACT)
    chosen = [r for r in rows if r["filler"] == "the"]
    assert {r["target"] for r in chosen} == {"eng_Latn"}
    check_rate(position.find("success", "exact_match_rate", filler="the", target="eng_Latn"), [r["exact"] for r in chosen])


def test_success_by_language_is_the_array(language):
    exact = language.dataset.exact_match
    for source, target in itertools.product(["eng_Latn", "spa_Latn"], repeat=2):
        check_rate(
            language.find("success", "exact_match_rate", language=source, target=target),
            exact.sel(language=source, target=target).values == 1)


def test_token_error_interval_is_the_bootstraps(language):
    rows = query(language.store, """
        SELECT token_errors, expected_tokens FROM labelled_decodes WHERE language = 'eng_Latn' AND target = 'eng_Latn'""")
    rows = np.array(rows, float)
    finding = language.find("success", "token_error_rate", language="eng_Latn", target="eng_Latn")
    random = np.random.default_rng(3)
    draws = [rows[random.integers(0, len(rows), len(rows))].sum(axis=0) for _ in range(2000)]
    low, high = np.quantile([d[0] / d[1] for d in draws], [0.025, 0.975])
    margin = 0.25 * (high - low) + 1e-9
    assert (finding["low"], finding["high"]) == pytest.approx((low, high), abs=margin)


# Principal components


def check_pca(run, rows, components, **labels):
    theirs = PCA(components, svd_solver="full").fit(rows)
    ratios = theirs.explained_variance_ratio_
    for k, (ratio, total) in enumerate(zip(ratios, ratios.cumsum())):
        finding = run.find("pca", "explained_variance_ratio", component=k + 1, **labels)
        assert finding["value"] == pytest.approx(ratio, **EXACT)
        assert finding["n"] == len(rows)
        assert run.value("pca", "cumulative_explained_variance_ratio", component=k + 1, **labels) == pytest.approx(
            total, **EXACT)
    assert run.value("pca", "total_variance", **labels) == pytest.approx(rows.var(axis=0, ddof=1).sum(), **EXACT)


def test_pca(position, language):
    check_pca(position, position.dataset.embedding.values.reshape(-1, 256).astype(float), 6)
    check_pca(language, language.dataset.embedding.values.reshape(-1, 256).astype(float), 8)


@pytest.mark.parametrize("filler", ["_", "the"])
def test_pca_by_a_label(position, filler):
    rows = position.dataset.embedding.sel(filler=filler).values.reshape(-1, 256).astype(float)
    check_pca(position, rows, 2, filler=filler)


def test_pca_of_means(position):
    means = position.dataset.embedding.sel(filler="_").astype(float).mean("token").astype(np.float32)
    theirs = PCA(3, svd_solver="full").fit(means.values.astype(float)).explained_variance_ratio_
    for k, ratio in enumerate(theirs):
        # Means are kept in single precision.
        value = position.value("pca", "explained_variance_ratio", component=k + 1, filler="_", mean_over="token")
        assert value == pytest.approx(ratio, rel=1e-5)


def test_pca_interval_is_the_bootstraps(language):
    rows = language.dataset.embedding.values.reshape(-1, 256).astype(float)
    random = np.random.default_rng(5)
    draws = []
    for _ in range(200):
        sample = rows[random.integers(0, len(rows), len(rows))]
        values = np.linalg.eigvalsh(np.cov(sample.T))
        draws.append(values[-1] / values.sum())
    finding = language.find("pca", "explained_variance_ratio", component=1)
    # About the value, without the resamples' bias.
    low, high = np.quantile(draws, [0.025, 0.975]) - np.mean(draws) + finding["value"]
    margin = 0.35 * (high - low)
    assert (finding["low"], finding["high"]) == pytest.approx((low, high), abs=margin)


# Paths


def path_of(points):
    steps = np.diff(points, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    cosines = (steps[1:] * steps[:-1]).sum(axis=1) / (lengths[1:] * lengths[:-1])
    return steps, lengths, np.degrees(np.arccos(np.clip(cosines, -1, 1)))


@pytest.mark.parametrize("filler", ["_", "the"])
def test_path(position, filler):
    paths = position.dataset.embedding.sel(filler=filler).values.astype(float)
    lengths = np.array([path_of(path)[1] for path in paths])
    angles = np.array([path_of(path)[2] for path in paths])
    for step in range(8):
        check_mean(position.find("path", "step_length", filler=filler, step=step), lengths[:, step])
    for at in range(1, 8):
        check_mean(position.find("path", "turning_angle", filler=filler, at=at), angles[:, at - 1])

    mean = paths.mean(axis=0)
    turning = position.find("path", "mean_turning_angle", filler=filler)
    assert turning["value"] == pytest.approx(path_of(mean)[2].mean(), **EXACT)
    steps = path_of(mean)[0]
    random = np.random.default_rng(2)
    shuffled = [path_of(np.vstack([np.zeros(256), random.permutation(steps).cumsum(axis=0)]))[2].mean()
                for _ in range(999)]
    expected = (1 + np.sum(np.array(shuffled) <= turning["value"] + 1e-9)) / 1000
    assert turning["p_value"] == pytest.approx(expected, abs=0.05)

    means = lengths.mean(axis=0)
    trend = position.find("path", "spearman_step_length", filler=filler)
    theirs = stats.spearmanr(np.arange(8), means)
    assert trend["value"] == pytest.approx(theirs.statistic, **EXACT)
    test = stats.permutation_test((np.arange(8),), lambda x: abs(stats.spearmanr(x, means).statistic),
                                  permutation_type="pairings", n_resamples=2000, alternative="greater",
                                  rng=np.random.default_rng(1))
    assert trend["p_value"] == pytest.approx(test.pvalue, abs=0.03)
    ratio = position.find("path", "step_length_ratio", filler=filler)
    assert ratio["value"] == pytest.approx(means[-1] / means[0], **EXACT)


@pytest.mark.parametrize("filler", ["_", "the"])
def test_circle(position, filler):
    mean = position.dataset.embedding.sel(filler=filler).values.astype(float).mean(axis=0)
    pca = PCA(2, svd_solver="full").fit(mean)
    plane = pca.transform(mean)
    assert position.value("path", "plane_share", filler=filler) == pytest.approx(
        pca.explained_variance_ratio_.sum(), **EXACT)

    def distances(circle):
        return np.hypot(*(plane - circle[:2]).T) - circle[2]

    start = np.r_[plane.mean(axis=0), np.hypot(*plane.T).mean()]
    fits = [optimize.least_squares(distances, start * [1, 1, scale] + [0, sign * np.ptp(plane), 0], xtol=1e-15, ftol=1e-15,
                                   gtol=1e-15) for scale in (1, 2) for sign in (-1, 0, 1)]
    best = min(fits, key=lambda fit: fit.cost)
    radius = position.find("path", "circle_radius", filler=filler)["value"]
    error = position.find("path", "circle_error", filler=filler)["value"]
    assert radius == pytest.approx(abs(best.x[2]), rel=1e-5)
    assert error == pytest.approx(np.sqrt(np.mean(best.fun**2)) / np.sqrt((plane**2).sum(axis=1).mean()), rel=1e-6)
    angles = np.unwrap(np.arctan2(*(plane - best.x[:2]).T[::-1]))
    assert position.value("path", "circle_arc", filler=filler) == pytest.approx(
        np.degrees(abs(angles[-1] - angles[0])), rel=1e-4)


# Pairs


def test_pairs(language):
    first, second = (language.dataset.embedding.sel(language=code).values.astype(float) for code in ("eng_Latn", "spa_Latn"))
    n = len(first)
    difference = second - first
    others = (n * difference.mean(axis=0) - difference) / (n - 1)
    labels = dict(axis="language", **{"from": "eng_Latn", "to": "spa_Latn"})
    for when, a in (("before", first), ("after", first + others)):
        cosine = 1 - spatial.distance.cdist(a, second, "cosine")
        distance = spatial.distance.cdist(a, second)
        apart = ~np.eye(n, dtype=bool)
        named = dict(labels, mean_difference=when)
        check_mean(language.find("pairs", "paired_cosine", **named), cosine.diagonal())
        check_mean(language.find("pairs", "paired_l2", **named), distance.diagonal())
        check_mean(language.find("pairs", "unpaired_cosine", **named), cosine[apart].reshape(n, -1).mean(axis=1))
        check_mean(language.find("pairs", "unpaired_l2", **named), distance[apart].reshape(n, -1).mean(axis=1))
        check_rate(language.find("pairs", "retrieval_rate", **named), distance.argmin(axis=1) == np.arange(n))
    norm = language.find("pairs", "mean_difference_norm", **labels)
    assert norm["value"] == pytest.approx(np.linalg.norm(difference.mean(axis=0)), **EXACT)


# Classifiers


def classified(run):
    """Rows, classes (0 and 1) and fold hashes of the language run: units of one pair go together."""
    pairs, languages = run.dataset.embedding.shape[:2]
    rows = run.dataset.embedding.values.reshape(-1, 256).astype(float)
    groups = np.repeat(np.arange(pairs) * languages, languages)
    return rows, np.tile(np.arange(languages), pairs), np.array([mix(int(g)) for g in groups], dtype=np.uint64)


def test_centroids(language):
    rows, classes, hashes = classified(language)
    folds = hashes % 5
    right = np.zeros(len(rows), bool)
    for fold in range(5):
        test = folds == fold
        right[test] = NearestCentroid().fit(rows[~test], classes[~test]).predict(rows[test]) == classes[test]
    check_rate(language.find("centroids", "accuracy", **{"class": "language"}), right)
    for value, code in enumerate(["eng_Latn", "spa_Latn"]):
        check_rate(language.find("centroids", "class_accuracy", **{"class": "language", "value": code}),
                   right[classes == value])
    centroids = [rows[classes == value].mean(axis=0) for value in (0, 1)]
    distance = language.value("centroids", "centroid_distance", **{"class": "language", "from": "eng_Latn", "to": "spa_Latn"})
    assert distance == pytest.approx(np.linalg.norm(centroids[1] - centroids[0]), **EXACT)


def probe(rows, classes, strength):
    return LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(rows, classes)


def best_strength(rows, classes, hashes, variance):
    strengths = 10.0 ** np.arange(-3, 4) / variance
    losses = np.zeros(7)
    for fold in range(3):
        test = (hashes >> np.uint64(32)) % np.uint64(3) == fold
        for k, strength in enumerate(strengths):
            scores = probe(rows[~test], classes[~test], strength).decision_function(rows[test])
            losses[k] += np.logaddexp(0, -np.where(classes[test] == 1, scores, -scores)).sum()
    return strengths[losses.argmin()]


def test_logistic(language):
    rows, classes, hashes = classified(language)
    rows = rows - rows.mean(axis=0)
    variance = (rows**2).sum() / len(rows)
    folds = hashes % 5
    scores = np.zeros(len(rows))
    for fold in range(5):
        test = folds == fold
        strength = best_strength(rows[~test], classes[~test], hashes[~test], variance)
        scores[test] = probe(rows[~test], classes[~test], strength).decision_function(rows[test])
    named = {"class": "language"}
    check_rate(language.find("logistic", "accuracy", **named), (scores > 0) == (classes == 1))
    auc = language.find("logistic", "auc", **named)
    assert auc["value"] == pytest.approx(roc_auc_score(classes, scores), **EXACT)
    assert auc["low"] <= auc["value"] <= auc["high"]
    assert language.value("logistic", "regularisation", **named) == pytest.approx(
        best_strength(rows, classes, hashes, variance), **EXACT)
    assert len(rows) <= 2000, "more would be a sample"
    assert language.value("logistic", "silhouette", **named) == pytest.approx(silhouette_score(rows, classes), **EXACT)


# Dimensions and neighbours


def check_dimensions(run, vectors, labels):
    """The findings on a set of vectors, the 12 largest dimensions of each."""
    labels = dict(labels, top=12)
    top = np.zeros(vectors.shape, bool)
    np.put_along_axis(top, np.argsort(-abs(vectors), axis=1, kind="stable")[:, :12], True, axis=1)
    squares = vectors**2 / (vectors**2).sum(axis=1, keepdims=True)
    check_mean(run.find("dimensions", "top_norm_share", **labels), (squares * top).sum(axis=1))
    pairs = list(itertools.combinations(range(len(vectors)), 2))
    overlap = run.find("dimensions", "top_overlap", **labels)
    assert overlap["value"] == pytest.approx(np.mean([(top[a] & top[b]).sum() / 12 for a, b in pairs]), **EXACT)
    assert overlap["low"] <= overlap["value"] <= overlap["high"]
    shared = 2 * top.sum(axis=0) >= len(vectors)
    assert run.value("dimensions", "shared_dimensions", **labels) == shared.sum()
    check_mean(run.find("dimensions", "shared_norm_share", **labels), (squares * shared).sum(axis=1))
    assert run.value("dimensions", "chance_norm_share", **labels) == pytest.approx(shared.sum() / 256, **EXACT)
    cosines = 1 - spatial.distance.pdist(vectors, "cosine")
    assert run.value("dimensions", "mean_cosine", **labels) == pytest.approx(cosines.mean(), **EXACT)
    random = np.random.default_rng(4)
    seen = (top.sum(axis=0) * (top.sum(axis=0) - 1)).sum()
    extreme = 1
    for _ in range(999):
        drawn = np.zeros(256, int)
        for _ in vectors:
            drawn[random.choice(256, 12, replace=False)] += 1
        extreme += (drawn * (drawn - 1)).sum() >= seen
    assert overlap["p_value"] == pytest.approx(extreme / 1000, abs=0.03)


def test_dimensions_of_shifts(position):
    embedding = position.dataset.embedding.astype(float)
    shifts = (embedding.sel(position=1) - embedding.sel(position=0)).values.reshape(-1, 256)
    check_dimensions(position, shifts, {"class": "position", "plus": 1, "minus": 0, "by": "token,filler"})


def test_dimensions_of_class_means(position):
    means = position.dataset.embedding.sel(filler="_").astype(float).mean("position").values
    check_dimensions(position, means - means.mean(axis=0), {"class": "token", "filler": "_"})


def test_neighbours(position):
    embedding = position.dataset.embedding
    rows = embedding.values.reshape(-1, 256).astype(float)
    norms = np.linalg.norm(rows, axis=1)
    check_mean(position.find("neighbours", "norm"), norms)
    assert position.value("neighbours", "norm_standard_deviation") == pytest.approx(norms.std(ddof=1), **EXACT)
    cosines = 1 - spatial.distance.cdist(rows, rows, "cosine")
    np.fill_diagonal(cosines, -2)
    check_mean(position.find("neighbours", "nearest_cosine"), cosines.max(axis=1))
    labels = np.array(list(itertools.product(*(range(size) for size in embedding.shape[:3]))))
    for column, name in enumerate(["token", "filler", "position"]):
        ids = labels[:, column]
        check_rate(position.find("neighbours", "nearest_shares", label=name), ids[cosines.argmax(axis=1)] == ids)
        same = (ids[:, None] == ids).sum() - len(ids)
        assert position.value("neighbours", "chance_shares", label=name) == pytest.approx(
            same / (len(ids) * (len(ids) - 1)), **EXACT)
        for value in embedding[name].values:
            check_mean(position.find("neighbours", "norm", **{name: value}), norms[ids == list(embedding[name].values).index(value)])


# The job file


def test_without_a_list_what_suits_the_job_is_answered(position, language):
    for run in (position, language):
        done = sonarsweep("report", run.store.name, "--results", run.store.parent, timeout=300)
        assert done.returncode == 0, done.stderr
        found = query(run.store, "SELECT analysis, count(*), count(value) FROM findings GROUP BY analysis")
        assert {"success", "pca", "dimensions", "neighbours"} <= {analysis for analysis, _, _ in found}
        assert all(rows == values for _, rows, values in found)


def test_the_id_does_not_depend_on_the_analyses(position, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(POSITION)
    validated = sonarsweep("job", "validate", other)
    assert position.store.name in validated.stdout


@pytest.mark.parametrize("entry, says", [
    ("- {analysis: path, axis: colour}", "'colour' is not known; it can be token, filler, position"),
    ("- {analysis: centroid}", "Did you mean 'centroids'?"),
    ("- {analysis: pca, select: {token: cow}}", "'cow' is no value of 'token'"),
    ("- {analysis: pca, colour: red}", "unknown key 'colour'"),
    ("- path", "the key 'axis' is missing"),
    ("- {analysis: centroids, class: token, folds: 1}", "1 is outside 2 to 100"),
    ("- {analysis: pairs, axis: filler, values: [_]}", "1 values were found; a pair has two"),
])
def test_mistakes_are_named(tmp_path, entry, says):
    job = tmp_path / "job.yaml"
    job.write_text(POSITION + "analyses:\n  " + entry + "\n")
    done = sonarsweep("job", "validate", job)
    assert done.returncode == 65
    assert says in done.stderr
    assert f"job.yaml:{len(POSITION.splitlines()) + 2}" in done.stderr


# Size


def peak_memory(units, directory):
    """MiB at the peak of the analyses of a sweep without a model."""
    job = directory / f"{units}.yaml"
    job.write_text(f"name: size-{units}\nmodel: none\nsweep: {{kind: null-probe, units: {units}, dim: 16}}\n"
                   "analyses: [pca, neighbours]\n")
    store = run_job(job, directory / str(units))
    process = subprocess.Popen([BINARY, "report", store.name, "--results", store.parent, "--job", job],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == 0, stderr
    return usage.ru_maxrss / 1024


def test_memory_does_not_grow_with_the_sweep(tmp_path):
    small, large = peak_memory(20_000, tmp_path), peak_memory(1_000_000, tmp_path)
    # The large one's vectors alone would take 61 MiB.
    assert large < small + 16
