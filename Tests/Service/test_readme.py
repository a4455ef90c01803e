"""README's "A shared fleet", typed as it stands there by somebody who has nothing else. In a network of its own, where the
ports it names are free.
"""

import csv
import re
import subprocess

import pytest
from namespaces import isolated  # noqa: F401
from shared_fleet import environment
from support import BINARY, JOBS, MODEL, REPOSITORY, Program, wait_for
from terminal import Terminal

SECTION = (REPOSITORY / "README.md").read_text().split("\n## A shared fleet\n")[1].split("\n## ")[0]
# The fleet, the desk, the rest with the configuration file.
FLEET, DESK, CONFIGURED = re.findall(r"```sh\n(.*?)```", SECTION, re.S)
(CONFIGURATION,) = re.findall(r"```yaml\n(.*?)```", SECTION, re.S)


def commands(block):
    """The lines that are typed, without remarks."""
    return [line.split("  #")[0].strip() for line in block.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture
def started():
    programs = []
    yield programs
    for program in programs:
        program.process.terminate()
    for program in programs:
        program.stop()


def test_the_first_ten_minutes(isolated, tmp_path, started):  # noqa: F811
    if not isolated("--net"):
        return
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    head, desk, home = (tmp_path / name for name in ("head", "desk", "home"))
    for directory in (head, desk, home):
        directory.mkdir()
    variables = environment(home, PATH=f"{BINARY.parent}:/usr/bin:/bin", SONARSWEEP_MODELS=str(MODEL.parent))

    def bash(directory, script):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=directory, env=variables,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(command):
        log = tmp_path / f"{len(started)}.log"
        started.append(Program(log, "env", "-i", "-C", head, *(f"{k}={v}" for k, v in variables.items()), *command.split()))
        return started[-1]

    for command in commands(FLEET):
        if " serve" in command:
            assert start(command).line() == "fleet listens on http://127.0.0.1:5780"
        elif " worker " in command:
            start(command)
        else:
            bash(head, command)
    assert len(started) == 3
    # What is brought from one desk to the other: a job file and the token.
    (desk / "position.yaml").write_bytes((JOBS / "position.yaml").read_bytes())
    bash(head, f"cp -p alice.token {desk}")
    job = bash(desk, "\n".join(commands(DESK))).strip()
    assert re.fullmatch(r"position-[0-9a-f]{8}", job)
    with open(desk / "position.csv") as file:
        assert len(list(csv.DictReader(file))) == 120
    configured(bash, Terminal(80, 24, variables), home, head, job)


def configured(bash, terminal, home, head, job):
    """What is typed once the configuration file is there."""
    directory = home / ".config/sonarsweep"
    directory.mkdir(parents=True)
    (directory / "config.yaml").write_text(CONFIGURATION)
    bash(head, f"cp -p alice.token {directory}")
    shown = {command: "" for command in commands(CONFIGURED)}
    try:
        terminal.command("sonarsweep top")
        terminal.wait_for(job, "2 workers", "q quit")
        terminal.type("q")
        wait_for(lambda: terminal.state("alternate_on") == "0", "top to leave")
    finally:
        terminal.close()
    del shown["sonarsweep top"]
    for command in shown:
        shown[command] = bash(home, command)
    assert job in shown["sonarsweep jobs"] and "done" in shown["sonarsweep status position"]
    assert shown["sonarsweep workers"].count("sonar-mini") == 2
    assert "<html" in (home / "position.html").read_text()
