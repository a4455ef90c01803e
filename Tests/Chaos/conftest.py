"""Chaos tests: real processes that are killed, stopped and cut off. The last tests of `make test`; README.md says more."""

from concurrent.futures import ThreadPoolExecutor

import faults
import jobs
import pytest
from namespaces import isolated  # noqa: F401
from support import BINARY

# Fleets that run at a time: they wait more than they compute.
SIDE_BY_SIDE = 6


def pytest_sessionstart():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it, or name it in SONARSWEEP", 2)


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The fault library."""
    return faults.build(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="session")
def references(tmp_path_factory):
    """Each job's store, made without disturbance when it is first asked for."""
    return jobs.References(tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(scope="module")
def side_by_side(request):
    """Starts the selected cases of a test function several at a time; returns their futures, by their parameter `case`."""
    pools = []

    def start(test, run):
        cases = [item.callspec.params["case"] for item in request.session.items
                 if getattr(item, "originalname", None) == test and item.module is request.module]
        pools.append(ThreadPoolExecutor(SIDE_BY_SIDE))
        return {case: pools[-1].submit(run, case) for case in cases}

    yield start
    for pool in pools:
        pool.shutdown(cancel_futures=True)
