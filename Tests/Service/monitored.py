"""A fleet as one that is watched runs it: tokens at HTTP and, where wanted, keys at the sockets."""

import base64
import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import zmq
from support import BINARY, MODEL, Peer, Program, read_key, sonarsweep, wait_for


class MonitoredFleet:
    """A coordinator with tokens, for a `with`; aggregators, workers and peers that are played come one by one."""

    def __init__(self, directory, *options, keys=False):
        self.directory, self.results, self.tokens_file = directory, directory / "results", directory / "tokens"
        self.options = options
        self.programs, self.peers = [], []
        # Sockets of the second try a handshake once, where others do again and again.
        self.context, self.once = zmq.Context(), zmq.Context()
        self.once.setsockopt(zmq.RECONNECT_IVL, -1)
        self.tokens = {}
        for role in ("read", "submit", "admin"):
            printed = ran("tokens", "add", role, "--role", role, "--tokens", self.tokens_file)
            self.tokens[role] = printed.splitlines()[-1]
        self.keys = directory / "keys" if keys else None
        if keys:
            ran("keys", "init", self.keys)

    def __enter__(self):
        try:
            keys = ("--keys", self.keys) if self.keys else ()
            self.coordinator = self.start(
                "coordinator", "--http", "127.0.0.1:*", "--tokens", self.tokens_file, "--results", self.results,
                "--model-path", MODEL.parent, *keys, *self.options)
            self.endpoint = self.coordinator.line().removeprefix("coordinator listens on ")
            # It may have come together with the first line.
            self.url = self.coordinator.process.stdout.readline().strip().removeprefix("HTTP on ")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for peer in self.peers:
            peer.socket.close()
        for program in reversed(self.programs):
            program.stop()
        for context in (self.context, self.once):
            context.term()

    # Processes and peers

    def program(self, name, *command):
        self.programs.append(Program(self.directory / f"{name}-{len(self.programs)}.log", *command))
        return self.programs[-1]

    def start(self, *command):
        return self.program(command[0], BINARY, *command)

    def add_key(self, name, role):
        ran("keys", "add", name, "--role", role, "--keys", self.keys)
        return self.keys / f"{name}.key"

    @property
    def server_key(self):
        return read_key(self.keys / "server.key")["public-key"]

    def start_aggregator(self):
        keys = ("--keys", self.keys) if self.keys else ()
        aggregator = self.start("aggregator", "--coordinator", self.endpoint, "--results", self.results, *keys)
        self.aggregator_endpoint = aggregator.line().removeprefix("aggregator listens on ")
        return aggregator

    def start_worker(self, model=MODEL):
        key = ("--key", self.add_key(f"worker-{len(self.programs)}", "worker")) if self.keys else ()
        return self.start("worker", "--coordinator", self.endpoint, "--model", model, *key)

    def play(self, role="", endpoint=None, key=None, once=False):
        """A peer that the test plays; with a role it says hello. A key is a file, or its values."""
        key = read_key(key) if isinstance(key, Path) else key
        peer = Peer(self.once if once else self.context, endpoint or self.endpoint, key)
        self.peers.append(peer)
        if role:
            # Nobody connects to the aggregator that is played: whoever works is played as well.
            peer.hello(role, f"{role}-{len(self.peers)}", "tcp://127.0.0.1:9" if role == "aggregator" else "")
        return peer

    # HTTP

    def ask(self, path, role="read", data=None, kind="application/yaml", method=None, token=None):
        """An answer's body; what it was where it is no success is an HTTPError."""
        request = urllib.request.Request(self.url + path, data=data, method=method)
        if token or role:
            request.add_header("Authorization", f"Bearer {token or self.tokens[role]}")
        if data:
            request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def code(self, path, *arguments, **options):
        """An answer's status."""
        try:
            self.ask(path, *arguments, **options)
            return 200
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def get(self, path):
        return json.loads(self.ask(path))

    def submit(self, text, assets=None):
        """A job's id; assets are texts by name."""
        assets = {name: base64.b64encode(asset.encode()).decode() for name, asset in (assets or {}).items()}
        body = json.dumps({"file": "job.yaml", "text": text, "assets": assets}).encode()
        return json.loads(self.ask("/api/v1/jobs", "submit", body, "application/json"))["id"]

    def run_job(self, text, assets=None):
        """Runs a job to its end; what the interface says of it then."""
        job = self.submit(text, assets)

        def ended():
            told = self.get(f"/api/v1/jobs/{job}")
            return told["phase"] in ("done", "failed", "cancelled") and told

        told = wait_for(ended, "the job to end", 120)
        assert told["phase"] == "done", told
        return told

    # Metrics

    def metrics(self):
        """The samples of /metrics, each named as it stands there."""
        lines = re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", self.ask("/metrics"), re.M)
        assert len(dict(lines)) == len(lines), "a sample stands there twice"
        return {name: float(value) for name, value in lines}

    def metric(self, name):
        return self.metrics().get(name)


def ran(*command):
    """What a command printed, which must have gone well."""
    done = sonarsweep(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
