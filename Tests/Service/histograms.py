"""Histograms of /metrics."""

import bisect
import re

import numpy as np
import pytest


def histogram(samples, name, labels=""):
    """A histogram's buckets by their bounds, not cumulative, its sum and count."""
    pattern = re.compile(rf'{name}_bucket{{{labels}le="(.*)"}}')
    cumulative = sorted((float(found[1]), value) for key, value in samples.items() if (found := pattern.fullmatch(key)))
    assert cumulative[-1][0] == float("inf")
    counts = np.diff([value for _, value in cumulative], prepend=0)
    labels = f"{{{labels.rstrip(',')}}}" if labels else ""
    assert sum(counts) == samples[f"{name}_count{labels}"]
    return dict(zip([bound for bound, _ in cumulative], counts)), samples[f"{name}_sum{labels}"]


def check_histogram(samples, name, values, labels=""):
    counts, total = histogram(samples, name, labels)
    bounds = sorted(counts)
    expected = dict.fromkeys(bounds, 0)
    for value in values:
        expected[bounds[bisect.bisect_left(bounds, value)]] += 1
    assert counts == expected
    assert total == pytest.approx(sum(values))
