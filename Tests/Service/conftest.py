"""The fleet as a service: real processes, asked over HTTP."""

import pytest
from monitored import MonitoredFleet
from support import BINARY


def pytest_sessionstart():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it, or name it in SONARSWEEP", 2)


@pytest.fixture
def patient(tmp_path):
    """A coordinator for one test that expects no heartbeats in this time: what is played sends none."""
    with MonitoredFleet(tmp_path, "--lease", "600") as fleet:
        yield fleet


@pytest.fixture
def hasty(tmp_path):
    """A coordinator for one test that soon misses who is silent."""
    with MonitoredFleet(tmp_path, "--lease", "1.6", "--heartbeat", "0.3") as fleet:
        yield fleet
