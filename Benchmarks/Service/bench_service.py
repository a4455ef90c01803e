"""The HTTP interface under load: a real fleet with 500 jobs queued, 50 clients watching and 2 workers computing.

usage: bench_service.py [--jobs N] [--watchers N] [--seconds N]

Prints what asking costs meanwhile, the first byte to the last, each request on a connection that is kept open, and the
coordinator's peak memory.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "Tests" / part) for part in ("Service", "Conformance")]

from http_fleet import HTTPFleet  # noqa: E402
from support import wait_for  # noqa: E402

# Each is some seconds of work for two workers, so that they have enough for as long as is measured.
JOB = """
name: load-{number}
sweep:
  kind: position
  language: eng_Latn
  tokens: {{ids: {{from: {first}, to: {last}}}}}
  fillers: [_, the]
  length: 20
decode: {{languages: [eng_Latn], method: beam, max_tokens: 32}}
"""


class Client:
    """Asks on one connection."""

    def __init__(self, fleet, role="submit"):
        self.connection, self.role, self.fleet = fleet.connection(), role, fleet

    def ask(self, method, path, body=None):
        """Seconds until the last byte; the answer must be a success."""
        headers = {"Authorization": f"Bearer {self.fleet.tokens[self.role]}"}
        if body is not None:
            headers["Content-Type"] = "application/yaml"
        start = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        seconds = time.perf_counter() - start
        assert answer.status in (200, 201), text
        return seconds, text


class Watchers:
    """Clients that read events until the streams end, in a process of their own: they must not hold up whoever measures."""

    def __init__(self, fleet, count):
        self.events = multiprocessing.Array("q", count, lock=False)
        self.process = multiprocessing.Process(target=self.run, args=(fleet, count), daemon=True)
        self.process.start()

    def run(self, fleet, count):
        threads = [threading.Thread(target=self.watch, args=(fleet, number)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def watch(self, fleet, number):
        connection = fleet.connection()
        connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {fleet.tokens['read']}"})
        answer = connection.getresponse()
        assert answer.status == 200
        with contextlib.suppress(http.client.HTTPException, OSError):
            while chunk := answer.read1(1 << 16):
                self.events[number] += chunk.count(b"event: ")


def job(number):
    return JOB.format(number=number, first=100 + number, last=149 + number).encode()


def peak(pid):
    """The largest the process has been, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def cpu(pid):
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def load(fleet, arguments):
    client = Client(fleet)
    for number in range(arguments.jobs):
        client.ask("POST", "/api/v1/jobs", job(number))
    print(f"{arguments.jobs} jobs; the coordinator's peak so far is {peak(fleet.coordinator.pid):.0f} MiB", flush=True)
    fleet.add_workers(2)
    wait_for(lambda: fleet.get("/api/v1/fleet").json["units_per_second"] > 0, "the workers to work", 120)
    watchers = Watchers(fleet, arguments.watchers)
    wait_for(lambda: all(events > arguments.jobs for events in watchers.events), "all to watch", 60)
    return watchers


def measure(fleet, arguments):
    """Seconds of each request, by what was asked. A client of each kind asks one after the other, with a pause between."""
    asks = {
        "list 100 jobs": lambda n: ("GET", "/api/v1/jobs", None),
        "list 1,000 jobs": lambda n: ("GET", "/api/v1/jobs?limit=1000", None),
        "get a job": lambda n: ("GET", f"/api/v1/jobs/{ids[n % len(ids)]}", None),
        "the fleet": lambda n: ("GET", "/api/v1/fleet", None),
        "metrics": lambda n: ("GET", "/metrics", None),
        "submit a job": lambda n: ("POST", "/api/v1/jobs", job(arguments.jobs + n)),
        "submit one again": lambda n: ("POST", "/api/v1/jobs", job(n % arguments.jobs)),
    }
    ids = [job["id"] for job in json.loads(Client(fleet).ask("GET", "/api/v1/jobs?limit=1000")[1])["jobs"]]
    seconds = {name: [] for name in asks}
    failures = []
    end = time.monotonic() + arguments.seconds

    def run(name):
        client, number = Client(fleet), 0
        try:
            while time.monotonic() < end:
                seconds[name].append(client.ask(*asks[name](number))[0])
                number += 1
                time.sleep(0.05)
        except Exception as error:
            failures.append(f"{name}: {error!r}")

    threads = [threading.Thread(target=run, args=(name,)) for name in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--watchers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        fleet = HTTPFleet(directory)
        try:
            watchers = load(fleet, arguments)
            pid = fleet.coordinator.pid
            before, told, units = cpu(pid), sum(watchers.events), done(fleet)
            start = time.monotonic()
            seconds = measure(fleet, arguments)
            elapsed = time.monotonic() - start
            print("\n| | requests | p50 ms | p99 ms | most ms |\n|---|---|---|---|---|")
            for name, values in seconds.items():
                figures = [percentile(values, 0.5), percentile(values, 0.99), max(values)]
                print(f"| {name} | {len(values):,} | " + " | ".join(f"{1000 * value:.1f}" for value in figures) + " |")
            print(f"\ncoordinator: {peak(pid):.0f} MiB at its peak, {100 * (cpu(pid) - before) / elapsed:.0f}% of a core; "
                  f"{(sum(watchers.events) - told) / elapsed:,.0f} events/s to {arguments.watchers} clients; "
                  f"{(done(fleet) - units) / elapsed:,.0f} units/s committed")
        finally:
            fleet.close()


def done(fleet):
    return fleet.metric('sonarsweep_units_committed_total{status="done"}')


if __name__ == "__main__":
    main()
