"""Chaos tests: real processes that are killed, stopped and cut off. The last tests of `make test`; README.md says more."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import faults
import jobs
import pytest
from support import BINARY

# Fleets that run at a time: they wait more than they compute.
SIDE_BY_SIDE = 6
INSIDE = "SONARSWEEP_CHAOS_INSIDE"


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


@pytest.fixture
def isolated(request):
    """Whether this test runs inside namespaces of its own, as root in there. `isolated("--net")` is false outside, where it
    has run the same test again inside; it skips the test where the system does not permit that."""

    def enter(*namespaces):
        if os.environ.get(INSIDE) == request.node.name:
            return True
        for command in (["unshare", "--map-root-user", *namespaces], ["unshare", *namespaces]):
            if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
                break
        else:
            pytest.skip(f"this system permits no namespaces: unshare {' '.join(namespaces)}")
        test = f"{request.path}::{request.node.name}"
        done = subprocess.run([*command, sys.executable, "-m", "pytest", "-q", "-c", request.config.inipath, test],
                              env={**os.environ, INSIDE: request.node.name}, capture_output=True, text=True)
        if "1 skipped" in done.stdout:
            pytest.skip(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr
        return False

    return enter
