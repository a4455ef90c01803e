"""A worker for null-probe sweeps, written from PROTOCOL.md alone.

    python python_worker.py ENDPOINT-OF-THE-COORDINATOR
"""

import hashlib
import json
import os
import signal
import socket
import sys
import time
import uuid

import msgpack
import numpy as np
import zmq

BATCH = 64
RESEND_SECONDS = 10


class Refused(Exception):
    pass


class Job:
    """A null-probe job, checked."""

    def __init__(self, message):
        spec = json.loads(message["spec"])
        canonical = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        self.id = f"{spec['name']}-{hashlib.sha256(canonical).hexdigest()[:8]}"
        if self.id != message["job"] or spec["version"] != 1 or spec["sweep"]["kind"] != "null-probe":
            raise Refused(f"cannot run {message['job']}")
        self.fingerprint = spec["model"]["fingerprint"]
        self.width = spec["sweep"]["parameters"]["dim"]

    def embedding(self, unit):
        values = (unit % 65536 + np.arange(self.width, dtype=np.int64)) % 65536
        return values.astype("<f4").tobytes()


class Worker:
    def __init__(self, endpoint):
        self.context = zmq.Context()
        self.coordinator = self.connect(endpoint)
        self.aggregator, self.aggregator_endpoint = None, ""
        self.instance = str(uuid.uuid4())
        self.jobs = {}  # by id
        self.leases = {}  # number -> [job id, next unit, end, attempt, units, seconds]
        self.unacknowledged = {}  # batch number -> (job id, frame)
        self.credit = 0
        self.next_batch = 1
        self.asked = False
        self.heartbeat_seconds, self.last_heartbeat, self.last_progress = 1.0, 0.0, 0.0

    def connect(self, endpoint):
        dealer = self.context.socket(zmq.DEALER)
        dealer.linger = 500
        dealer.connect(endpoint)
        return dealer

    def run(self, stop):
        self.send(self.coordinator, self.hello())
        while not stop():
            ready = dict(self.poller().poll(0 if self.can_compute() else 50))
            if self.coordinator in ready:
                self.from_coordinator(self.receive(self.coordinator))
            if self.aggregator in ready:
                self.from_aggregator(self.receive(self.aggregator))
            self.beat()
            self.ask()
            if self.can_compute():
                self.compute()
        for peer in filter(None, (self.coordinator, self.aggregator)):
            self.send(peer, self.message("goodbye"))
            peer.close()
        self.context.term()

    def poller(self):
        poller = zmq.Poller()
        for peer in filter(None, (self.coordinator, self.aggregator)):
            poller.register(peer, zmq.POLLIN)
        return poller

    # Messages

    def message(self, type, **fields):
        return msgpack.packb({"v": 1, "type": type, **fields})

    def hello(self):
        name = f"{socket.gethostname()}:{os.getpid()}"
        return self.message("hello", role="worker", instance=self.instance, name=name, model="none", fingerprint="",
                            endpoint="")

    def send(self, peer, frame):
        try:
            peer.send(frame, zmq.DONTWAIT)
        except zmq.Again:
            pass  # Lost like any other message: it will be sent again.

    def receive(self, peer):
        message = msgpack.unpackb(peer.recv())
        # Of another version, only a refusal counts.
        return message if message["v"] == 1 or message["type"] == "refused" else {"type": "ignored"}

    def from_coordinator(self, message):
        match message["type"]:
            case "identify":
                self.send(self.coordinator, self.hello())
            case "welcome":
                self.heartbeat_seconds = min(max(message["heartbeat_seconds"], 0.01), 60)
                self.asked = False
                if message["aggregator"] not in ("", self.aggregator_endpoint):
                    self.change_aggregator(message["aggregator"])
            case "refused":
                raise Refused(message["reason"])
            case "job":
                job = Job(message)
                self.jobs[job.id] = job
            case "lease":
                self.asked = False
                if message["job"] in self.jobs:
                    first, end = message["units"]
                    self.leases[message["lease"]] = [message["job"], first, end, message["attempt"], end - first, 0.0]
            case "revoke":
                self.leases.pop(message["lease"], None)
            case "forget":
                job = message["job"]
                self.jobs.pop(job, None)
                self.leases = {number: lease for number, lease in self.leases.items() if lease[0] != job}
                self.unacknowledged = {b: sent for b, sent in self.unacknowledged.items() if sent[0] != job}

    def from_aggregator(self, message):
        match message["type"]:
            case "identify":
                self.greet_aggregator()
            case "acknowledge":
                self.credit = message["credit_bytes"]
                self.last_progress = time.monotonic()
                for refused in message["refused"]:
                    print("refused:", refused["reason"], file=sys.stderr)
                for batch in message["committed"] + [refused["batch"] for refused in message["refused"]]:
                    self.unacknowledged.pop(batch, None)

    def change_aggregator(self, endpoint):
        if self.aggregator:
            self.aggregator.close(linger=0)
        self.aggregator, self.aggregator_endpoint, self.credit = self.connect(endpoint), endpoint, 0
        self.greet_aggregator()

    def greet_aggregator(self):
        self.send(self.aggregator, self.hello())
        for _, frame in self.unacknowledged.values():
            self.send(self.aggregator, frame)
        self.last_progress = time.monotonic()

    def beat(self):
        now = time.monotonic()
        if now - self.last_heartbeat >= self.heartbeat_seconds:
            self.last_heartbeat = now
            self.send(self.coordinator, self.message("heartbeat", leases=sorted(self.leases)))
            if self.aggregator:
                self.send(self.aggregator, self.message("heartbeat", leases=[]))
        if self.unacknowledged and now - self.last_progress >= RESEND_SECONDS:
            self.greet_aggregator()

    # Work

    def has_credit(self):
        return sum(len(frame) for _, frame in self.unacknowledged.values()) < self.credit

    def ask(self):
        if not self.asked and len(self.leases) < 2 and self.has_credit():
            self.asked = True
            self.send(self.coordinator, self.message("request", leases=1))

    def can_compute(self):
        return bool(self.leases) and self.has_credit()

    def compute(self):
        """Makes and sends one batch of the oldest lease."""
        number, lease = next(iter(self.leases.items()))
        start = time.monotonic()
        job, first, end = self.jobs[lease[0]], lease[1], min(lease[1] + BATCH, lease[2])
        embeddings = [job.embedding(unit) for unit in range(first, end)]
        seconds = time.monotonic() - start
        records = [{"unit": unit, "attempt": lease[3], "seconds": seconds / len(embeddings), "status": "done",
                    "embedding": embedding, "decodes": []} for unit, embedding in enumerate(embeddings, first)]
        frame = self.message("records", batch=self.next_batch, job=job.id, fingerprint=job.fingerprint, records=records)
        if not self.unacknowledged:
            self.last_progress = start
        self.unacknowledged[self.next_batch] = (job.id, frame)
        self.next_batch += 1
        self.send(self.aggregator, frame)
        lease[1] = end
        lease[5] += time.monotonic() - start
        if end == lease[2]:
            del self.leases[number]
            self.send(self.coordinator, self.message("computed", lease=number, units=lease[4], seconds=lease[5]))


def main():
    stopped = []
    for code in (signal.SIGINT, signal.SIGTERM):
        signal.signal(code, lambda *_: stopped.append(True))
    try:
        Worker(sys.argv[1]).run(lambda: stopped)
    except Refused as reason:
        sys.exit(f"refused: {reason}")


if __name__ == "__main__":
    main()
