"""A real fleet with its HTTP interface: a coordinator, an aggregator and workers on the embedded model."""

import base64
import contextlib
import http.client
import json
import re
import shutil
import socket
import tempfile
from pathlib import Path

from support import BINARY, MODEL, Program, sonarsweep, wait_for

ROLES = ("read", "submit", "admin")


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def type(self):
        return self.headers.get_content_type()

    @property
    def json(self):
        return json.loads(self.body)

    def problem(self, status):
        """The detail of a problem document, which this must be."""
        assert (self.status, self.type) == (status, "application/problem+json"), (self.status, self.body)
        problem = self.json
        assert problem["status"] == status and problem["type"] and problem["title"] and problem["detail"]
        return problem["detail"]


class HTTPFleet:
    """Its processes end with it. With `tokens`, there is one for each role, of a person of that name."""

    def __init__(self, directory, *options, tokens=True, workers=0, aggregator=True, results=True):
        self.directory, self.programs, self.workers = Path(directory), [], []
        self.results = self.directory / "results"
        self.sockets = tempfile.mkdtemp(prefix="sonarsweep-test-", dir="/tmp")
        self.endpoint = f"ipc://{self.sockets}/coordinator"
        self.token_file = self.directory / "tokens"
        self.tokens = {role: self.add_token(role, role) for role in ROLES} if tokens else {}
        try:
            self.coordinator = self.start(
                "coordinator", "--bind", self.endpoint, "--http", "127.0.0.1:*", "--model-path", MODEL.parent,
                "--state", self.directory / "state", *(["--tokens", self.token_file] if tokens else []),
                *(["--results", self.results] if results else []), *options)
            self.coordinator.line()
            # Both lines may have come at once.
            self.url = self.coordinator.process.stdout.readline().split()[-1]
            self.port = int(self.url.rpartition(":")[2])
            if aggregator:
                self.start("aggregator", "--coordinator", self.endpoint, "--bind", f"ipc://{self.sockets}/aggregator",
                           "--results", self.results)
                wait_for(lambda: self.get("/readyz").status == 200, "the fleet to be ready")
            self.add_workers(workers)
        except BaseException:
            self.close()
            raise

    def start(self, role, *options):
        self.programs.append(Program(self.directory / f"{role}-{len(self.programs)}.log", BINARY, role, *options))
        return self.programs[-1]

    def add_workers(self, count):
        self.workers += [self.start("worker", "--coordinator", self.endpoint, "--model", MODEL) for _ in range(count)]
        if count:
            wait_for(lambda: len(self.get("/api/v1/workers").json["workers"]) == len(self.workers), "the workers to join")

    def add_token(self, name, role):
        done = sonarsweep("tokens", "add", name, "--role", role, "--tokens", self.token_file)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def revoke(self, name):
        assert sonarsweep("tokens", "revoke", name, "--tokens", self.token_file).returncode == 0

    # Requests

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, role="admin", token=None, headers=()):
        """An answer. A body that is not bytes goes as JSON."""
        headers = dict(headers)
        if (token := token or self.tokens.get(role)) and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, body, **options)

    def ask_to_submit(self, text, assets=None, file="job.yaml", query="", **options):
        assets = {name: base64.b64encode(text.encode()).decode() for name, text in (assets or {}).items()}
        return self.post(f"/api/v1/jobs{query}", {"file": file, "text": text, "assets": assets},
                         **{"role": "submit", **options})

    def submit(self, text, assets=None, **options):
        """The id of a job that was submitted."""
        answer = self.ask_to_submit(text, assets, **options)
        assert answer.status in (200, 201), answer.body
        return answer.json["id"]

    def job(self, job):
        return self.get(f"/api/v1/jobs/{job}").json

    def wait_until(self, job, phase):
        wait_for(lambda: self.job(job)["phase"] == phase, f"{job} to be {phase}", 120)

    def raw(self):
        """A connection to say whatever one likes on."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def metric(self, sample):
        """The value of a sample of /metrics, named as it stands there; 0 where it is not there."""
        found = re.search(rf"^{re.escape(sample)} (\S+)$", self.get("/metrics").body.decode(), re.M)
        return float(found[1]) if found else 0

    def close(self):
        for program in reversed(self.programs):
            program.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)


class Events:
    """Server-sent events as they come."""

    def __init__(self, fleet, query="", **options):
        self.connection = fleet.connection()
        token = fleet.tokens.get(options.get("role", "read"))
        token = options.get("token", token)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.connection.request("GET", f"/api/v1/events{query}", headers={**headers, **options.get("headers", {})})
        self.response = self.connection.getresponse()

    def __iter__(self):
        """(name, data) of each, until the stream ends."""
        name, data = None, []
        while line := self.response.readline():
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif not field and data:
                yield name, json.loads("\n".join(data))
                name, data = None, []

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
