"""A worker for null-probe sweeps, written from PROTOCOL.md alone.

    python python_worker.py ENDPOINT-OF-THE-COORDINATOR [KEY-FILE]
"""

import hashlib
import json
import os
import re
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
        self.fingerprint, self.width = spec["model"]["fingerprint"], spec["sweep"]["parameters"]["dim"]

    def embedding(self, unit):
        return ((unit % 65536 + np.arange(self.width, dtype=np.int64)) % 65536).astype("<f4").tobytes()


def pack(type, **fields):
    return msgpack.packb({"v": 1, "type": type, **fields})


def send(peer, frame):
    try:
        peer.send(frame, zmq.DONTWAIT)
    except zmq.Again:
        pass  # Lost like any other message: it will be sent again.


class Worker:
    def __init__(self, endpoint, key_file=None):
        self.context = zmq.Context()
        self.key = dict(re.findall(r'([a-z-]+) = "(.*)"', open(key_file).read())) if key_file else None
        self.coordinator, self.aggregator, self.aggregator_endpoint = self.connect(endpoint), None, ""
        self.hello = pack("hello", role="worker", instance=str(uuid.uuid4()), name=f"{socket.gethostname()}:{os.getpid()}",
                          model="none", fingerprint="", endpoint="")
        self.jobs = {}  # by id
        self.leases = {}  # number -> [job id, next unit, end, attempt, units, seconds]
        self.unacknowledged = {}  # batch number -> (job id, frame)
        self.credit, self.next_batch, self.asked = 0, 1, False
        self.heartbeat_seconds, self.last_heartbeat, self.last_progress = 1.0, 0.0, 0.0

    def connect(self, endpoint):
        dealer = self.context.socket(zmq.DEALER)
        dealer.linger = 500
        if self.key:
            dealer.curve_publickey, dealer.curve_secretkey, dealer.curve_serverkey = (
                self.key[name].encode() for name in ("public-key", "secret-key", "server-key"))
        dealer.connect(endpoint)
        return dealer

    def run(self, stop):
        send(self.coordinator, self.hello)
        while not stop():
            poller = zmq.Poller()
            for peer in filter(None, (self.coordinator, self.aggregator)):
                poller.register(peer, zmq.POLLIN)
            for peer, _ in poller.poll(0 if self.can_compute() else 50):
                if peer.closed:
                    continue  # The coordinator has just named another aggregator.
                message = msgpack.unpackb(peer.recv())
                # Of another version, only a refusal counts.
                if message["v"] == 1 or message["type"] == "refused":
                    (self.from_coordinator if peer is self.coordinator else self.from_aggregator)(message)
            self.beat()
            if not self.asked and len(self.leases) < 2 and self.has_credit():
                self.asked = True
                send(self.coordinator, pack("request", leases=1))
            if self.can_compute():
                self.compute()
        for peer in filter(None, (self.coordinator, self.aggregator)):
            send(peer, pack("goodbye"))
            peer.close()
        self.context.term()

    # Messages

    def from_coordinator(self, message):
        match message["type"]:
            case "identify":
                send(self.coordinator, self.hello)
            case "welcome":
                self.heartbeat_seconds, self.asked = min(max(message["heartbeat_seconds"], 0.01), 60), False
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
                self.credit, self.last_progress = message["credit_bytes"], time.monotonic()
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
        for frame in [self.hello, *(frame for _, frame in self.unacknowledged.values())]:
            send(self.aggregator, frame)
        self.last_progress = time.monotonic()

    def beat(self):
        now = time.monotonic()
        if now - self.last_heartbeat >= self.heartbeat_seconds:
            self.last_heartbeat = now
            beat = pack("heartbeat", leases=sorted(self.leases), wanted=int(self.asked))
            send(self.coordinator, beat if self.aggregator else self.hello)
            if self.aggregator:
                send(self.aggregator, pack("heartbeat", leases=[], wanted=0) if self.credit else self.hello)
        if self.unacknowledged and now - self.last_progress >= RESEND_SECONDS:
            send(self.coordinator, self.hello)
            self.greet_aggregator()

    # Work

    def has_credit(self):
        return sum(len(frame) for _, frame in self.unacknowledged.values()) < self.credit

    def can_compute(self):
        return bool(self.leases) and self.has_credit()

    def compute(self):
        """Makes and sends one batch of the oldest lease."""
        number, lease = next(iter(self.leases.items()))
        start = time.monotonic()
        job, first, end = self.jobs[lease[0]], lease[1], min(lease[1] + BATCH, lease[2])
        records = [{"unit": unit, "attempt": lease[3], "seconds": (time.monotonic() - start) / BATCH, "status": "done",
                    "embedding": job.embedding(unit), "states": [], "decodes": []} for unit in range(first, end)]
        frame = pack("records", batch=self.next_batch, job=job.id, fingerprint=job.fingerprint, records=records)
        if not self.unacknowledged:
            self.last_progress = start
        self.unacknowledged[self.next_batch] = (job.id, frame)
        self.next_batch += 1
        send(self.aggregator, frame)
        lease[1] = end
        lease[5] += time.monotonic() - start
        if end == lease[2]:
            del self.leases[number]
            send(self.coordinator, pack("computed", lease=number, units=lease[4], seconds=lease[5]))


def main():
    stopped = []
    for code in (signal.SIGINT, signal.SIGTERM):
        signal.signal(code, lambda *_: stopped.append(True))
    try:
        Worker(*sys.argv[1:]).run(lambda: stopped)
    except Refused as reason:
        sys.exit(f"refused: {reason}")


if __name__ == "__main__":
    main()
