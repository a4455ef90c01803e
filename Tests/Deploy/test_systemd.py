"""The systemd units: sound, hardened, and no tighter than the program can live with."""

import json
import os
import re
import shutil
import signal
import subprocess

import commands
import pytest
from fleet import free_ports
from support import BINARY, JOBS, MODEL, Program, sonarsweep, wait_for

# Exposure as `systemd-analyze security` counts it, 0 to 10; it calls less than 2 OK. README.md has the scores.
MOST_EXPOSURE = 1.3
ROLES = ("coordinator", "aggregator", "worker")
IDS = [unit.name for unit in commands.UNITS]


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", "--no-pager", *map(str, arguments)], capture_output=True, text=True)


def installed(unit, directory):
    """The unit as it would be installed, with the program where it is here; of a template an instance."""
    path = directory / unit.name.replace("@", "@1")
    path.write_text(unit.read_text().replace("/usr/local/bin/sonarsweep", str(BINARY)))
    return path


@pytest.mark.parametrize("unit", commands.UNITS, ids=IDS)
def test_a_unit_is_sound(unit, tmp_path):
    done = analyze("verify", "--man=no", installed(unit, tmp_path))
    # Other units of this machine may have faults of their own.
    said = [line for line in done.stderr.splitlines() if "sonarsweep" in line]
    assert done.returncode == 0 and not said, done.stderr


@pytest.mark.parametrize("unit", commands.UNITS, ids=IDS)
def test_a_unit_is_hardened(unit):
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE * 10:.0f}", unit)
    score = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert done.returncode == 0 and score and float(score[1]) <= MOST_EXPOSURE, done.stdout + done.stderr
    stated = re.search(rf"`{re.escape(unit.name)}` \| ([0-9.]+)", (commands.DEPLOY / "README.md").read_text())
    assert stated and stated[1] == score[1], f"README.md should say {score[1]}"


def test_a_worker_has_time_to_give_its_units_back():
    for unit in commands.UNITS:
        (line,) = commands.settings(unit, "ExecStart")
        if grace := re.search(r"--grace (\d+)", line):
            (limit,) = commands.settings(unit, "TimeoutStopSec")
            assert int(limit) > int(grace[1]) + 10


# What the program does, beside what its unit lets it do


def system_calls(name):
    """The system calls of a set, as @system-service, or of one call's name."""
    if not name.startswith("@"):
        return {name}
    done = analyze("syscall-filter", name)
    assert done.returncode == 0, done.stderr
    words = [line.strip() for line in done.stdout.splitlines()[1:]]
    return set().union(*(system_calls(word) for word in words if word and not word.startswith("#")))


def allowed_calls(unit):
    allowed = set()
    for value in commands.settings(unit, "SystemCallFilter"):
        calls = set().union(*(system_calls(word) for word in value.removeprefix("~").split()))
        allowed = allowed - calls if value.startswith("~") else allowed | calls
    return allowed


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """What strace saw of each role in a small fleet that did a job with the embedded model."""
    assert shutil.which("strace"), "strace is missing: make deps-test"
    directory = tmp_path_factory.mktemp("traces")
    programs = []
    try:
        live(directory, programs)
    finally:
        for program in programs:
            program.kill()
    # strace is no child of ours; what it wrote is complete when it has seen the end.
    for role in ROLES:
        wait_for(lambda: "+++ exited" in (directory / f"{role}.trace").read_text(), "the trace")  # noqa: B023
    return {role: (directory / f"{role}.trace").read_text() for role in ROLES}


def live(directory, programs):
    """A fleet's life under strace, from its start to its clean stop."""

    def start(role, *arguments):
        # With -DD the program is our child, not strace, which lives on until it has seen the end.
        programs.append(Program(directory / f"{role}.log", "strace", "-DD", "-f", "-q", "-o", directory / f"{role}.trace",
                                BINARY, role, *arguments))
        return programs[-1]

    tokens, token, (http,) = directory / "tokens", directory / "token", free_ports(1, ["127.0.0.1"])
    made = sonarsweep("tokens", "add", "tester", "--tokens", tokens, "--output", "json")
    token.write_text(json.loads(made.stdout)["token"])
    token.chmod(0o600)
    results = directory / "results"
    coordinator = start("coordinator", "--state", directory / "state", "--http", f"127.0.0.1:{http}", "--results", results,
                        "--tokens", tokens)
    endpoint = coordinator.line().removeprefix("coordinator listens on ")
    start("aggregator", "--coordinator", endpoint, "--results", results).line()
    start("worker", "--coordinator", endpoint, "--model", MODEL)
    # The coordinator has the job compiled, its report made and its records exported, by children that its unit binds too.
    asked = ("--coordinator", f"http://127.0.0.1:{http}", "--token-file", token)
    done = sonarsweep("submit", JOBS / "position.yaml", "--watch", "--quiet", *asked, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    done = sonarsweep("fetch", "position", *asked, "--format", "csv", "--output-file", directory / "records.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for(lambda: list(results.glob("*/report.html")), "the report")
    for program in reversed(programs):
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait() == 0, program.log.read_text()


def role_of(unit):
    return re.search(r"sonarsweep-(\w+)", unit.name)[1]


@pytest.mark.parametrize("unit", commands.UNITS, ids=IDS)
def test_the_filter_lets_the_program_make_its_system_calls(unit, traces):
    made = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", traces[role_of(unit)], re.MULTILINE))
    assert {"read", "futex", "epoll_wait"} & made, "nothing was traced"
    # As root alone SQLite gives its files to whoever has the directory; a unit's user is not root.
    refused = made - allowed_calls(unit) - {"fchown"}
    assert not refused, f"{unit.name} refuses {', '.join(sorted(refused))}"


@pytest.mark.parametrize("unit", commands.UNITS, ids=IDS)
def test_memory_is_writable_and_executable_only_where_a_unit_says_so(unit, traces):
    trace = traces[role_of(unit)]
    # What MemoryDenyWriteExecute refuses.
    writes_code = re.search(r"\bmmap\([^)]*PROT_WRITE\|PROT_EXEC|\b(pkey_)?mprotect\([^)]*PROT_EXEC", trace) is not None
    denied = commands.settings(unit, "MemoryDenyWriteExecute") == ["yes"]
    assert denied != writes_code, f"{unit.name}: writes code: {writes_code}, may not: {denied}"


@pytest.mark.parametrize("unit", commands.UNITS, ids=IDS)
def test_only_families_of_addresses_that_are_used_are_allowed(unit, traces):
    used = set(re.findall(r"\bsocket\((AF_\w+)", traces[role_of(unit)]))
    (families,) = commands.settings(unit, "RestrictAddressFamilies")
    assert used and used <= set(families.split()), used
