"""A fleet of real processes under supervision: what dies is started again at once, as an init system would."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import zmq
from proxy import Proxies
from support import BINARY, Peer, canonical, query, wait_for

# The aggregator gives a sign of life every second, whatever the coordinator would have.
LEASE = 1.6
HEARTBEAT = 0.3
# Longer than it takes the coordinator to give a silent process up.
PAST_THE_LEASE = 1.5 * LEASE
# Shorter than the minute after which the coordinator leases units again whose records got lost: they must not.
DEADLINE = 50
STATUSES = ("done", "failed", "skipped")


class Role:
    """One process of the fleet. It is started again with the same command whenever it has died."""

    def __init__(self, name, command, log, environment=None):
        self.name = name
        self.kind = name.split("-")[0]
        self.command = [str(part) for part in command]
        self.log = Path(log)
        self.environment = environment
        self.lock = threading.RLock()
        self.deaths = []  # exit codes, negative for signals
        self.stops = 0
        self.stopped_at = None
        self.supervised = True
        self.start()

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.environment, start_new_session=True)
        self.stopped_at = None

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        with self.lock:
            self.process.send_signal(number)

    def is_stopped(self):
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return False

    def memory(self):
        """Resident bytes now and at the peak."""
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
        return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))

    def look_after(self, hold, on_stop):
        """Starts it again if it died; lets it go on, or kills it, once it has been stopped for `hold` seconds."""
        with self.lock:
            if not self.supervised:
                return
            if (code := self.process.poll()) is not None:
                self.deaths.append(code)
                self.start()
            elif not self.is_stopped():
                self.stopped_at = None
            elif self.stopped_at is None:
                self.stops += 1
                self.stopped_at = time.monotonic()
            elif time.monotonic() - self.stopped_at > hold:
                self.process.send_signal(on_stop)

    def end(self, timeout=20):
        """Asks it to end, and returns its exit code; None where it had to be killed."""
        with self.lock:
            self.supervised = False
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                self.process.send_signal(signal.SIGCONT)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def end_of_log(self):
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


class Fleet:
    """A coordinator, an aggregator and workers, and a client that submits jobs to them.

    They talk over ipc sockets; with `proxied` over TCP, each of the three links through a proxy of `self.links`.
    Nothing they do is ever submitted twice: what was accepted must be remembered.
    """

    def __init__(self, directory, *, workers=2, model="none", lease=LEASE, heartbeat=HEARTBEAT, environment=None,
                 tcp=False, proxied=False, addresses=("127.0.0.1", "127.0.0.1"), hold=PAST_THE_LEASE,
                 on_stop=signal.SIGCONT, expected_deaths=(-signal.SIGKILL,)):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.results = self.directory / "results"
        self.model = model
        self.environment = environment
        self.hold, self.on_stop = hold, on_stop
        self.expected_deaths = expected_deaths
        self.sockets = tempfile.mkdtemp(prefix="sonarsweep-chaos-", dir="/tmp")
        self.context = zmq.Context()
        self.roles = {}
        self.problems = []
        self.proxies = self.links = None
        if tcp or proxied:
            ports = free_ports(2, addresses)
            bound, records = (f"tcp://{address}:{port}" for address, port in zip(addresses, ports, strict=True))
        else:
            bound, records = f"ipc://{self.sockets}/coordinator", f"ipc://{self.sockets}/aggregator"
        self.endpoint = to_aggregator = bound
        if proxied:
            self.proxies = Proxies(hold)
            self.links = self.proxies.between(*ports)
            # Workers connect to the endpoint that the aggregator tells the coordinator.
            self.endpoint = self.links["worker-coordinator"].endpoint
            to_aggregator = self.links["aggregator-coordinator"].endpoint
        self.client = Peer(self.context, bound)
        self.start("coordinator", BINARY, "coordinator", "--bind", bound, "--state", self.directory / "state",
                   "--lease", lease, "--heartbeat", heartbeat)
        self.start("aggregator", BINARY, "aggregator", "--coordinator", to_aggregator, "--bind", records,
                   "--results", self.results)
        for _ in range(workers):
            self.start_worker()
        self.stopping = threading.Event()
        self.supervisor = threading.Thread(target=self.supervise)
        self.supervisor.start()

    def start(self, name, *command):
        self.roles[name] = Role(name, command, self.directory / f"{name}.log", self.environment)
        return self.roles[name]

    def start_worker(self, *command):
        """The real worker, or what `command` says; the coordinator's endpoint is added to that."""
        name = f"worker-{sum(role.kind == 'worker' for role in self.roles.values()) + 1}"
        real = [BINARY, "worker", "--model", self.model, "--coordinator"]
        return self.start(name, *(command or real), self.endpoint)

    def supervise(self):
        while not self.stopping.wait(0.02):
            for role in list(self.roles.values()):
                role.look_after(self.hold, self.on_stop)

    def deaths(self):
        return {name: role.deaths for name, role in self.roles.items() if role.deaths}

    # The client

    def submit(self, spec, assets=None):
        """Submits a job until it is accepted, and returns its id."""
        text, job = canonical(spec)

        def accepted():
            self.client.send("submit", job=job, spec=text, assets=assets or {})
            answer = self.client.receive("accepted", "rejected", deadline=0.5)
            assert answer is None or answer["type"] == "accepted", answer
            return answer and answer["job"] == job

        wait_for(accepted, f"{job} to be accepted", DEADLINE)
        return job

    def status(self, job):
        """The job's status; None where there is no answer at the moment."""
        self.client.send("status_request", job=job)
        answer = self.client.receive("status", "rejected", deadline=0.5)
        if answer and answer["type"] == "rejected":
            # A coordinator that starts again remembers the jobs that have not ended; of others, the store tells.
            ((phase, units),) = query(self.results / job, "SELECT status, unit_count FROM job")
            assert phase == "done", f"the coordinator forgot a job it had accepted: {answer['reason']}"
            counts = dict(query(self.results / job, "SELECT status, count(*) FROM units GROUP BY status"))
            return {"phase": phase, "units": units, **{status: counts.get(status, 0) for status in STATUSES}}
        return answer if answer and answer["job"] == job else None

    def wait_until(self, job, condition, what, deadline=DEADLINE):
        """The first status that the condition is true of."""
        last = None

        def is_met():
            nonlocal last
            last = self.status(job) or last
            assert last is None or last["phase"] != "failed", last
            return last and condition(last) and last

        try:
            return wait_for(is_met, what, deadline)
        except AssertionError as error:
            raise AssertionError(f"{error}; the last status: {last}; deaths: {self.deaths()}\n{self.logs()}") from None

    def wait_until_done(self, job, deadline=DEADLINE):
        return self.wait_until(job, lambda status: status["phase"] == "done", f"{job} to be done", deadline)

    def logs(self):
        return "\n".join(f"== {name}\n{role.end_of_log()}" for name, role in self.roles.items())

    # The end

    def close(self):
        """Ends all processes, workers first. What was not as it should be is in `problems` afterwards: every death that
        was not expected, every process that did not end well when asked to."""
        self.stopping.set()
        self.supervisor.join()
        for role in reversed(self.roles.values()):
            ended = role.end()
            unexpected = [code for code in role.deaths if code not in self.expected_deaths]
            for code in unexpected + [ended] * (ended != 0):
                self.problems.append(f"{role.name} ended with {code}:\n{role.end_of_log()}")
        self.client.socket.close()
        self.context.term()
        if self.proxies:
            self.proxies.close()
        shutil.rmtree(self.sockets)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()
        if error is None:
            assert not self.problems, "\n".join(self.problems)


def free_ports(count, addresses):
    """Ports nobody listens on, below those that outgoing connections get: a port must still be free when a process that
    died is started again."""
    ports = []
    while len(ports) < count:
        with socket.socket() as candidate, contextlib.suppress(OSError):
            port = random.SystemRandom().randrange(15_000, 32_000)
            candidate.bind((addresses[len(ports)], port))
            if port not in ports:
                ports.append(port)
    return ports
