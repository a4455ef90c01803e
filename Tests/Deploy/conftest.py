"""Tests of deploy/: what it says runs, or is checked by the tools of its field. README.md there says more."""

import pytest
import slurm
from namespaces import isolated  # noqa: F401
from support import BINARY


def pytest_sessionstart():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it, or name it in SONARSWEEP", 2)


@pytest.fixture(scope="session")
def cluster():
    missing = [name for name in slurm.PROGRAMS if not slurm.program(name)]
    assert not missing, f"{', '.join(missing)} missing: make deps-test"
    cluster = slurm.Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()
