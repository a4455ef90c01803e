"""A fleet as one that is watched runs it: HTTP with tokens."""

import json
import re
import urllib.request

from support import BINARY, MODEL, Program, sonarsweep, wait_for


class MonitoredFleet:
    """Coordinator with HTTP and tokens, aggregator and two workers with a job, and a Prometheus that scrapes them."""

    def __init__(self, directory):
        self.directory = directory
        self.programs = []
        try:
            self.begin(directory)
        except BaseException:
            self.stop()
            raise

    def begin(self, directory):
        tokens = directory / "tokens"
        self.tokens = {role: self.add_token(role, tokens) for role in ("read", "submit")}
        coordinator = self.start(
            "coordinator", "--bind", "tcp://127.0.0.1:*", "--http", "127.0.0.1:*", "--tokens", tokens, "--results",
            directory / "results", "--model-path", MODEL.parent)
        endpoint = coordinator.line().removeprefix("coordinator listens on ")
        # It may have come together with the first line.
        self.url = coordinator.process.stdout.readline().strip().removeprefix("HTTP on ")
        self.start("aggregator", "--coordinator", endpoint, "--results", directory / "results")
        for _ in range(2):
            self.start("worker", "--coordinator", endpoint, "--model", MODEL)

    def add_token(self, role, file):
        done = sonarsweep("tokens", "add", role, "--role", role, "--tokens", file)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def start(self, *command):
        self.programs.append(Program(self.directory / f"{command[0]}-{len(self.programs)}.log", BINARY, *command))
        return self.programs[-1]

    def ask(self, path, role="read", data=None, kind="application/yaml"):
        request = urllib.request.Request(self.url + path, data=data)
        if role:
            request.add_header("Authorization", f"Bearer {self.tokens[role]}")
        if data:
            request.add_header("Content-Type", kind)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def run_job(self, text):
        """Runs a job to its end; what the interface says of it then."""
        job = json.loads(self.ask("/api/v1/jobs", "submit", text.encode()))["id"]

        def ended():
            told = json.loads(self.ask(f"/api/v1/jobs/{job}"))
            return told["phase"] in ("done", "failed", "cancelled") and told

        told = wait_for(ended, "the job to end", 120)
        assert told["phase"] == "done", told
        return told

    def metric(self, line):
        """The value of a sample of /metrics, named as it stands there."""
        found = re.search(rf"^{re.escape(line)} (\S+)$", self.ask("/metrics"), re.M)
        return float(found[1]) if found else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for program in reversed(self.programs):
            program.stop()
