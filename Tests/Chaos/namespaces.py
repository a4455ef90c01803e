"""Runs a test in namespaces of its own, where it is root."""

import os
import shutil
import subprocess
import sys

import pytest

INSIDE = "SONARSWEEP_CHAOS_INSIDE"


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
