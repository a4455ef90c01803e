"""Starts and stops the program's processes, speaks PROTOCOL.md, reads catalogues."""

import contextlib
import hashlib
import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import msgpack
import numpy as np
import pytest
import zmq

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SONARSWEEP", REPOSITORY / ".build/release/sonarsweep")).absolute()
JOBS = REPOSITORY / "jobs"
MODEL = REPOSITORY / "models/sonar-mini"
DEADLINE = 30.0


def wait_for(condition, what, deadline=DEADLINE):
    """Polls until `condition()` is true and returns it; fails after the deadline."""
    end = time.monotonic() + deadline
    while not (result := condition()):
        assert time.monotonic() < end, f"waited {deadline} s for {what}"
        time.sleep(0.02)
    return result


# The program


def sonarsweep(*arguments, input=None, timeout=60):
    """Runs a command to its end; what it printed is text."""
    command = [str(BINARY), *map(str, arguments)]
    return subprocess.run(command, input=input, stdin=None if input else subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout)


def needs(precision):
    """Skips a test that computes in a precision for which this processor has no kernels."""
    done = sonarsweep("encode", "--input", "-", "--precision", precision, input='{"ids": [3]}\n')
    if "this processor has no" in done.stderr:
        pytest.skip(done.stderr.strip())


def json_rows(command, rows, *options):
    """A JSON Lines command's answers and exit code. A row that is a string goes in as it stands."""
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    done = sonarsweep(command, "--input", "-", *options, input=text)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def run_job(job, results, *options):
    """Runs a job to its end and returns its store."""
    done = sonarsweep("run", job, "--results", results, "--quiet", *options, timeout=120)
    assert done.returncode == 0, done.stderr
    return only_store(results)


class Program:
    """A command that keeps running, in a session of its own, its output in a file."""

    def __init__(self, log, *command):
        self.log = Path(log)
        with open(log, "w") as file:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=file, text=True, start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def line(self):
        """The next line it prints."""
        ready, _, _ = select.select([self.process.stdout], [], [], DEADLINE)
        line = self.process.stdout.readline() if ready else ""
        assert line, f"printed nothing: {self.log.read_text()}"
        return line.strip()

    def interrupt(self):
        """What Ctrl-C does in a terminal."""
        os.killpg(self.pid, signal.SIGINT)

    def wait(self, timeout=60):
        return self.process.wait(timeout)

    def stop(self):
        if self.is_running():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        self.kill()

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def children(pid):
    """The process ids and command lines of a process's children."""
    result = {}
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((directory / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                result[int(directory.name)] = (directory / "cmdline").read_text().split("\0")
    return result


# Results


@contextlib.contextmanager
def catalogue(store):
    """A run's catalogue, read-only. Closed at once: an open reader keeps SQLite from leaving WAL mode."""
    with contextlib.closing(sqlite3.connect(f"file:{store}/catalogue.sqlite?mode=ro", uri=True, timeout=10)) as db:
        yield db


def query(store, sql):
    with catalogue(store) as db:
        return db.execute(sql).fetchall()


def committed(results):
    """How many units the only run in a results directory has committed; 0 before there is one."""
    try:
        return query(only_store(results), "SELECT count(*) FROM units")[0][0]
    except (sqlite3.OperationalError, ValueError):
        return 0


def only_store(results):
    (path,) = Path(results).glob("*/catalogue.sqlite")
    return path.parent


def axes(store):
    """The catalogue's axes, in order: name and values."""
    result = {}
    for position, name, size, start in query(store, "SELECT position, name, size, start FROM axes ORDER BY position"):
        sql = f"SELECT value FROM axis_values WHERE axis = {position} ORDER BY position"
        result[name] = list(range(start, start + size)) if start is not None else [v for (v,) in query(store, sql)]
    return result


def files(directory):
    """Every file below a directory with its bytes."""
    return {str(p.relative_to(directory)): p.read_bytes() for p in sorted(Path(directory).rglob("*")) if p.is_file()}


def bits(values):
    return np.ascontiguousarray(values, dtype="<f4").view(np.uint32)


DECODES = """SELECT unit, language, text, token_ids, log_probability, score, exact_match,
               expected, expected_tokens, token_errors
             FROM decodes ORDER BY unit, language"""
UNITS = """SELECT unit, status, attempts, workers.instance, seconds
           FROM units JOIN workers ON workers.id = units.worker ORDER BY unit"""

# Keys


def read_key(file):
    """A key file's values."""
    return dict(re.findall(r'([a-z-]+) = "(.*)"', Path(file).read_text()))


# The wire


def pack(type, **fields):
    return msgpack.packb({"v": 1, "type": type, **fields})


def canonical(spec):
    """A spec's canonical JSON and job id."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return text, f"{spec['name']}-{hashlib.sha256(text).hexdigest()[:8]}"


def null_spec(units, width, name="null"):
    return {
        "version": 1, "name": name, "model": {"name": "none", "fingerprint": "", "dim": width}, "truncate": False,
        "sweep": {"kind": "null-probe", "parameters": {"units": units, "dim": width}},
    }


def fingerprint():
    """The embedded model's, from its files."""
    lines = [f"{name} {hashlib.sha256((MODEL / name).read_bytes()).hexdigest()}\n"
             for name in ("config.json", "model.safetensors", "sentencepiece.model")]
    return hashlib.sha256("".join([*lines, "precision fp32\n"]).encode()).hexdigest()


def position_spec(tokens, fillers, length, decode=None, **changes):
    """A position job's spec; tokens and fillers are words, or token lists as PROTOCOL.md has them."""
    parameters = {"language": "eng_Latn", "tokens": tokens, "fillers": fillers,
                  "lengths": [length], "has_length_axis": False, **changes}
    spec = {"version": 1, "name": "wire", "model": {"name": "sonar-mini", "fingerprint": fingerprint(), "precision": "fp32", "dim": 256},
            "truncate": False, "sweep": {"kind": "position", "parameters": parameters}}
    return {**spec, "decode": decode} if decode else spec


class Peer:
    """A DEALER to a coordinator or an aggregator; with a key, by CURVE."""

    def __init__(self, context, endpoint, key=None):
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        if key:
            self.socket.curve_publickey, self.socket.curve_secretkey, self.socket.curve_serverkey = (
                key[name].encode() for name in ("public-key", "secret-key", "server-key"))
        self.socket.connect(endpoint)

    def send(self, type, **fields):
        self.socket.send(pack(type, **fields))

    def hello(self, role, instance, endpoint=""):
        self.send("hello", role=role, instance=instance, name="test", model="none", fingerprint="", endpoint=endpoint)

    def receive(self, *types, deadline=DEADLINE):
        """The next message, or the next of these types; None after the deadline."""
        end = time.monotonic() + deadline
        while self.socket.poll(max(0, int((end - time.monotonic()) * 1000))):
            message = msgpack.unpackb(self.socket.recv())
            if not types or message["type"] in types:
                return message
        return None

    def ask_to_submit(self, spec):
        text, job = canonical(spec)
        self.send("submit", job=job, spec=text, assets={})
        return job

    def submit(self, spec):
        job = self.ask_to_submit(spec)
        answer = self.receive("accepted", "rejected")
        assert answer, "submit was not answered"
        return job, answer

    def status(self, job):
        self.send("status_request", job=job)
        return self.receive("status", "rejected", deadline=5)

    def wait_until_done(self, job, deadline=DEADLINE):
        def done():
            status = self.status(job)
            return status if status and status.get("phase") == "done" else None

        return wait_for(done, f"{job} to be done", deadline)


class Router:
    """A ROUTER that plays coordinator or aggregator to one process."""

    def __init__(self, context, endpoint):
        self.endpoint = endpoint
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(endpoint)
        self.peer = None
        self.frames = []

    def send(self, type, **fields):
        self.socket.send_multipart([self.peer, pack(type, **fields)])

    def receive(self, *types, deadline=DEADLINE):
        """The next message of these types; its frames stay in `frames`."""
        end = time.monotonic() + deadline
        while self.socket.poll(max(0, int((end - time.monotonic()) * 1000))):
            self.frames = self.socket.recv_multipart()
            self.peer = self.frames[0]
            message = msgpack.unpackb(self.frames[1])
            if message["type"] in types:
                return message
        raise AssertionError(f"no {' or '.join(types)} within {deadline} s")
