"""A fleet as README's "A shared fleet" has it: `serve` and two workers on this machine, and people with tokens elsewhere."""

import json
import os
import subprocess
import urllib.request

from support import BINARY, DEADLINE, Program, children, wait_for


class SharedFleet:
    """The fleet's processes, in directory/head; the tokens of three people, in directory/head/*.token."""

    def __init__(self, directory):
        self.directory, self.head = directory, directory / "head"
        self.head.mkdir()
        self.programs, self.workers = [], []
        self.tokens = {role: self.add_token(role) for role in ("read", "submit", "admin")}
        self.start("tcp://127.0.0.1:*", "127.0.0.1:*")

    def add_token(self, role):
        done = run(self.head, "tokens", "add", f"{role}-person", "--role", role, "--output-file", f"{role}.token")
        assert done.returncode == 0, done.stderr
        return (self.head / f"{role}.token").read_text().strip()

    def start(self, bind, http):
        log = self.directory / f"serve-{len(self.programs)}.log"
        self.serve = Program(
            log, BINARY, "serve", "--bind", bind, "--http", http, "--tokens", self.head / "tokens", "--results",
            self.head / "results", "--state", self.head / "state", "--heartbeat", "0.2", "--lease", "2")
        self.programs.append(self.serve)
        self.url = self.serve.line().removeprefix("fleet listens on ")
        # What follows it was printed with it.
        words = iter(self.serve.process.stdout.readline, "")
        line = next(line for line in words if "sonarsweep worker --coordinator" in line)
        self.endpoint = line.split()[-1]

    def restart(self):
        """The same command again, on the same ports."""
        self.start(self.endpoint, self.url.removeprefix("http://"))

    def add_workers(self, count=2):
        known = len(self.get("workers")["workers"])
        for _ in range(count):
            log = self.directory / f"worker-{len(self.programs)}.log"
            self.workers.append(Program(log, BINARY, "worker", "--coordinator", self.endpoint))
            self.programs.append(self.workers[-1])
        wait_for(lambda: len(self.get("workers")["workers"]) == known + count, "the workers to join", 60)

    def roles(self):
        """Process ids of serve's children by role."""
        return {words[1]: pid for pid, words in children(self.serve.pid).items()}

    def get(self, path):
        """What the HTTP interface itself says."""
        request = urllib.request.Request(f"{self.url}/api/v1/{path}")
        request.add_header("Authorization", f"Bearer {self.tokens['admin']}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def job(self, name):
        return self.get(f"jobs/{name}")

    def wait_for_phase(self, name, *phases, deadline=60):
        return wait_for(lambda: (job := self.job(name))["phase"] in phases and job, f"{name} to be {phases}", deadline)

    def wait_for_units(self, name, count=1):
        wait_for(lambda: self.job(name)["committed"] >= count, f"{name} to commit", 60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        # Workers wait some seconds for a fleet that is gone, each.
        for program in self.programs:
            program.process.terminate()
        for program in self.programs:
            program.stop()


class Desk:
    """A directory on another desk: somebody who has a URL and a token, and nothing else of the fleet."""

    def __init__(self, directory, fleet, role):
        self.directory, self.home = directory, directory / "home"
        self.home.mkdir(parents=True)
        self.programs = []
        self.environment = environment(
            self.home, SONARSWEEP_COORDINATOR=fleet.url, SONARSWEEP_TOKEN=fleet.tokens[role])

    def write(self, name, text):
        (self.directory / name).write_text(text)
        return name

    def run(self, *arguments, timeout=120, **variables):
        return run(self.directory, *arguments, timeout=timeout, env={**self.environment, **variables})

    def json(self, *arguments):
        done = self.run(*arguments, "--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, log, *arguments):
        """A command that goes on meanwhile."""
        self.programs.append(
            Program(self.directory / log, "env", "-i", "-C", self.directory,
                    *(f"{key}={value}" for key, value in self.environment.items()), BINARY, *arguments))
        return self.programs[-1]

    def stop(self):
        for program in self.programs:
            program.stop()


def environment(home, **variables):
    """This process's environment without what the tests' user has set for a fleet."""
    kept = {key: value for key, value in os.environ.items()
            if key != "XDG_CONFIG_HOME" and not key.startswith("SONARSWEEP_") or key == "SONARSWEEP_CACHE"}
    return {**kept, "HOME": str(home), **variables}


def run(directory, *arguments, timeout=60, env=None):
    """Runs a command to its end in a directory; what it printed is text."""
    command = [str(BINARY), *map(str, arguments)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
                          cwd=directory, env=env or environment(directory))


def finished(program, timeout=DEADLINE * 4):
    """Exit code, standard output and standard error of a program that ends by itself."""
    code = program.wait(timeout)
    return code, program.process.stdout.read(), program.log.read_text()
