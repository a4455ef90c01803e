"""A short soak: `make soak` is the long one."""

import pytest
from jobs import ALL
from soak import Soak


@pytest.mark.parametrize("seed", [1])
def test_random_disturbances_change_nothing(seed, tmp_path):
    lines = []
    soak = Soak(tmp_path, seed, {name: ALL[name] for name in ("beam", "null")}, lines.append)
    assert soak.run(seconds=30), f"seed {seed}\n" + "\n".join([*lines, soak.summary()])
    assert soak.lost == soak.twice == soak.divergent == 0
