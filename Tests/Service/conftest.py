"""The fleet as a service: real processes, asked over HTTP."""

import pytest
from support import BINARY


def pytest_sessionstart():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it, or name it in SONARSWEEP", 2)
