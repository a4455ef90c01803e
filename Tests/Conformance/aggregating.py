"""A real aggregator whose coordinator and worker the test plays: the storage tests' driver, quick and exact."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

import msgpack
import numpy as np
import zmq
from support import BINARY, canonical, pack, position_spec

DEADLINE = 60
WIDTH = 256
LANGUAGES = ["eng_Latn", "spa_Latn"]
# 2 x 2 x 3 units; those of length 2 have no position 2 and are skipped.
SPEC = position_spec(["dog", "cat"], ["_"], 2, {"languages": LANGUAGES, "method": "greedy", "max_tokens": 8},
                     lengths=[2, 3], has_length_axis=True)
UNITS = 12
BATCHES = [(0, 6), (6, 12)]
FAILED = 7


def record(unit):
    """What every worker would compute."""
    base = {"unit": unit, "attempt": 1, "seconds": 0.25}
    if unit % 6 == 2:
        return {**base, "status": "skipped"}
    if unit == FAILED:
        return {**base, "status": "failed", "code": "too-long", "message": "it is too long"}
    values = (np.arange(WIDTH) * 0.5 + unit).astype("<f4").tobytes()
    decodes = [{"language": language, "text": f"unit {unit} {language} ñ", "ids": [unit, 3, place],
                "log_probability": -0.5 * unit, "score": None,
                "expectation": [{"text": "expected ñ", "tokens": 4, "errors": 1 + unit % 2}, None][place]}
               for place, language in enumerate(LANGUAGES)]
    return {**base, "status": "done", "embedding": values, "states": [], "decodes": decodes}


class Aggregation:
    """Brings one job to its end: `open`, its units in two batches, `close`. Asks again each second, as a coordinator and
    a worker do, and starts the aggregator again when it ends."""

    def __init__(self, context, results, environment=None):
        self.results = Path(results)
        self.environment = environment
        self.text, self.job = canonical(SPEC)
        self.sockets = tempfile.TemporaryDirectory(prefix="sonarsweep-", dir="/tmp")
        self.coordinator = context.socket(zmq.ROUTER)
        self.coordinator.bind(f"ipc://{self.sockets.name}/c")
        self.worker = context.socket(zmq.DEALER)
        self.worker.connect(f"ipc://{self.sockets.name}/a")
        self.coordinator.linger = self.worker.linger = 0
        self.log = self.results.with_suffix(".log")
        self.process = None
        self.peer = None
        # None until the store is open.
        self.committed = None
        self.problems = []
        self.deaths = 0
        self.finished = False

    @property
    def store(self):
        return self.results / self.job

    def run(self, on_problem=lambda self: None, deadline=60):
        """Goes on until the job is closed; `on_problem` is called when the aggregator says that it cannot write."""
        end, asked = time.monotonic() + deadline, 0.0
        poller = zmq.Poller()
        poller.register(self.coordinator, zmq.POLLIN)
        poller.register(self.worker, zmq.POLLIN)
        while not self.finished:
            assert time.monotonic() < end, f"stuck: {self.problems}\n{self.log.read_text()[-3000:]}"
            if self.process is None or self.process.poll() is not None:
                self._start()
            if self.peer and time.monotonic() - asked > 0.3:
                asked = time.monotonic()
                self._ask()
            for socket, _ in poller.poll(50):
                message = self._receive(socket)
                if message["type"] in ("opened", "committed", "hello"):
                    asked = 0.0
                if message["type"] == "storage" and message["problem"]:
                    self.problems.append(message["problem"])
                    on_problem(self)

    def _start(self):
        if self.process is not None:
            self.deaths += 1
            assert self.process.returncode == -signal.SIGKILL, f"ended by itself with {self.process.returncode}"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(BINARY), "aggregator", "--coordinator", f"ipc://{self.sockets.name}/c", "--bind",
                 f"ipc://{self.sockets.name}/a", "--results", str(self.results), "--log-level", "warning"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, env=self.environment)
        self.peer, self.committed = None, None

    def _ask(self):
        if self.committed is None:
            self._tell("open", job=self.job, spec=self.text, assets={})
        elif len(self.committed) == UNITS:
            self._tell("close", job=self.job)
        else:
            # An aggregator that was started anew knows nobody; one that has the records queued ignores them.
            self.worker.send(pack("hello", role="worker", instance="test-worker", name="test", model="none",
                                  fingerprint=SPEC["model"]["fingerprint"], endpoint=""))
            first, end = next(batch for batch in BATCHES if not self.committed.issuperset(range(*batch)))
            self.worker.send(pack("records", batch=1 + first, job=self.job, fingerprint=SPEC["model"]["fingerprint"],
                                  records=[record(unit) for unit in range(first, end)]))

    def _tell(self, type, **fields):
        self.coordinator.send_multipart([self.peer, pack(type, **fields)])

    def _receive(self, socket):
        frames = socket.recv_multipart()
        message = msgpack.unpackb(frames[-1])
        match message["type"]:
            case "hello":
                self.peer, self.committed = frames[0], None
            case "opened":
                assert not message["problem"], message["problem"]
                self.committed = units_of(message["committed"])
            case "committed" if self.committed is not None:
                self.committed |= units_of(message["units"])
            case "closed":
                self.finished = True
        return message

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.coordinator.close()
        self.worker.close()
        self.sockets.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def units_of(ranges):
    return {unit for first, end in zip(ranges[::2], ranges[1::2]) for unit in range(first, end)}
