"""Conformance tests: standard readers and peers in Python against the real program.

    python3 -m venv .venv && .venv/bin/pip install -r Tests/Conformance/requirements.txt
    .venv/bin/pytest Tests/Conformance

The program is `.build/release/sonarsweep`, or what the variable SONARSWEEP names.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
import zmq
from support import BINARY, JOBS, Peer, Program, Router, run_job

# Beam search over several hundred units: long enough to be stopped, killed and watched.
LONG_JOB = """
name: long
sweep:
  kind: position
  language: eng_Latn
  tokens: {ids: {from: 100, to: 111}}
  fillers: [_, the]
  length: 20
decode:
  languages: [eng_Latn, spa_Latn]
  method: beam
  max_tokens: 32
"""


def pytest_sessionstart():
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it, or name it in SONARSWEEP", 2)


@pytest.fixture(scope="session")
def position(tmp_path_factory):
    """The store of jobs/position.yaml."""
    return run_job(JOBS / "position.yaml", tmp_path_factory.mktemp("position"))


@pytest.fixture(scope="session")
def language(tmp_path_factory):
    """The store of jobs/language.yaml, made by one worker."""
    return run_job(JOBS / "language.yaml", tmp_path_factory.mktemp("language"), "--workers", "1")


@pytest.fixture(scope="session")
def long_job(tmp_path_factory):
    file = tmp_path_factory.mktemp("job") / "long.yaml"
    file.write_text(LONG_JOB)
    return file


@pytest.fixture(scope="session")
def long_store(long_job, tmp_path_factory):
    """The long job's store, made without disturbance."""
    return run_job(long_job, tmp_path_factory.mktemp("long"), "--workers", "2")


@pytest.fixture
def sockets():
    """A directory for ipc sockets, whose paths are limited to about 100 characters."""
    directory = tempfile.mkdtemp(prefix="sonarsweep-test-", dir="/tmp")
    yield directory
    shutil.rmtree(directory)


class Fleet:
    """Processes and sockets of one test; all of them end with it."""

    def __init__(self, sockets, logs):
        self.sockets = sockets
        self.logs = Path(logs)
        self.context = zmq.Context()
        self.programs = []
        self.open = []

    def program(self, name, *command):
        program = Program(self.logs / f"{name}-{len(self.programs)}.log", *command)
        self.programs.append(program)
        return program

    def address(self, name):
        return f"ipc://{self.sockets}/{name}"

    def coordinator(self, name="coordinator"):
        program = self.program("coordinator", BINARY, "coordinator", "--bind", self.address(name))
        assert program.line() == f"coordinator listens on {self.address(name)}"
        return program

    def aggregator(self, results, name="aggregator", coordinator="coordinator"):
        program = self.program(
            "aggregator", BINARY, "aggregator", "--coordinator", self.address(coordinator), "--bind",
            self.address(name), "--results", results)
        assert program.line() == f"aggregator listens on {self.address(name)}"
        return program

    def worker(self, model, coordinator="coordinator"):
        return self.program("worker", BINARY, "worker", "--coordinator", self.address(coordinator), "--model", model)

    def peer(self, name):
        self.open.append(Peer(self.context, self.address(name)))
        return self.open[-1]

    def router(self, name):
        self.open.append(Router(self.context, self.address(name)))
        return self.open[-1]

    def close(self):
        for program in reversed(self.programs):
            program.stop()
        for peer in self.open:
            peer.socket.close()
        self.context.term()


@pytest.fixture
def fleet(sockets, tmp_path):
    fleet = Fleet(sockets, tmp_path)
    yield fleet
    fleet.close()


@pytest.fixture
def program(tmp_path):
    """Starts commands that end with the test."""
    started = []

    def start(*command):
        started.append(Program(tmp_path / f"program-{len(started)}.log", *command))
        return started[-1]

    yield start
    for each in started:
        each.stop()
