"""`sonarsweep top` in a real terminal, before a real fleet that computes."""

import os
import re
import signal

import pytest
from jobs import endless, short
from shared_fleet import Desk, SharedFleet
from support import BINARY, children, wait_for
from terminal import Terminal

HINTS = "q quit  j/k ↑/↓ move"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    with SharedFleet(tmp_path_factory.mktemp("fleet")) as fleet:
        fleet.add_workers()
        yield fleet


@pytest.fixture(scope="module")
def desk(fleet, tmp_path_factory):
    """Of somebody with three jobs: one is done, two go on."""
    desk = Desk(tmp_path_factory.mktemp("desk"), fleet, "submit")
    desk.write("first.yaml", short("first"))
    assert desk.run("submit", "first.yaml", "--watch").returncode == 0
    for name in ("second", "third"):
        desk.write(f"{name}.yaml", endless(name))
        desk.run("submit", f"{name}.yaml", "--priority", "42")
        fleet.wait_for_units(name)
    return desk


@pytest.fixture
def terminal(desk):
    opened = []

    def open(width=80, height=24, **variables):
        opened.append(Terminal(width, height, {**desk.environment, **variables}))
        opened[-1].wait_for("$")
        return opened[-1]

    yield open
    for each in opened:
        each.close()


@pytest.fixture
def top(terminal, fleet):
    screen = terminal()
    screen.command(f"{BINARY} top")
    # A rate is known once some seconds of it are.
    screen.wait_for(HINTS, "third-", "working")
    return screen


def row(screen, start):
    """Of a table; the line of the selected job comes after."""
    return next(line for line in screen.lines if line.startswith(start))


def fills(screen):
    """That every line is used, none goes on in the next, and the last one says how to leave."""
    lines = screen.lines
    assert len(lines) == screen.height and not screen.wraps()
    assert all(len(line) <= screen.width for line in lines)
    assert lines[-1].startswith(HINTS[: screen.width])


def test_it_fits_and_shows_what_goes_on(fleet, top):
    fills(top)
    wait_for(lambda: re.search(r"[1-9]\S* units/s  .*\d:\d\d left", top.lines[0]), "rate and time left of the fleet")
    assert re.match(r"SonarSweep  2 running, 0 queued  2 workers  ", top.lines[0])
    assert re.search(r"^units/s  .*[▁▂▃▄▅▆▇█].*  most [1-9]", top.lines[1])
    assert re.match(r"disk \d.* free of \d", top.lines[2])
    # All columns, the last one whole.
    header = row(top, "JOB")
    assert header.split() == ["JOB", "PHASE", "PROGRESS", "DONE", "UNITS/S", "LEFT", "FAIL", "PRI"] and len(header) == 80
    pattern = r"running +\[[#-]{8}\] +\d+% +[\d.,]+ +[\d:]+ +42$"
    wait_for(lambda: re.search(pattern, row(top, "third-")), "progress, rate and time left of a job")
    assert re.search(r"done +\[########\]  100% +10$", row(top, "first-"))
    assert row(top, "WORKER").split() == ["WORKER", "STATE", "UNITS/S", "LEASE", "SILENT"]
    workers = [line for line in top.lines if re.search(r" working +[\d,.]+  \d+-\d+( \+\d+)? (second|third)-\S* +\d+ s$", line)]
    assert len(workers) == 2


def test_it_goes_on_by_itself(fleet, top):
    def committed():
        found = re.search(r"second-\S+  ([\d,]+)/80,000 units", top.text)
        return int(found[1].replace(",", "")) if found else 0

    first = wait_for(committed, "the selected job's units")
    wait_for(lambda: committed() > first, "more units")


def test_keys(fleet, desk, top):
    top.type("j")
    top.wait_for("third-", "/80,000 units")
    wait_for(lambda: top.lines[-2].startswith("third-"), "the second row to be selected")
    top.type("Up")
    wait_for(lambda: top.lines[-2].startswith("second-"), "the first row to be selected")
    top.type("Down", "p")
    fleet.wait_for_phase("third", "paused")
    top.wait_for("it is paused; resume it to go on")
    top.type("p")
    fleet.wait_for_phase("third", "running")
    for sort in ("progress", "throughput", "priority", "failures", "submitted"):
        top.type("s")
        top.wait_for(f"s sort: {sort}")
    top.type("c")
    top.wait_for(f"cancel {fleet.job('third')['id']}? y: yes, any other key: no")
    top.type("q")
    top.wait_for("goes on")
    assert fleet.job("third")["phase"] == "running"
    # An escape by itself is no key.
    top.type("Escape", "c", "y")
    fleet.wait_for_phase("third", "cancelled")
    top.wait_for("cancelled")
    assert desk.run("submit", "third.yaml").returncode == 0
    fleet.wait_for_phase("third", "running")
    top.wait_for("2 running")


COLUMNS = {
    (60, 20): "JOB PHASE DONE UNITS/S LEFT FAIL",
    (132, 40): "JOB PHASE PROGRESS DONE UNITS UNITS/S LEFT FAIL PRI OWNER",
    (80, 24): "JOB PHASE PROGRESS DONE UNITS/S LEFT FAIL PRI",
    (40, 10): "JOB PHASE DONE LEFT",
}


def test_other_sizes(fleet, top):
    for (width, height), columns in COLUMNS.items():
        top.resize(width, height)
        wait_for(lambda: any(line.split() == columns.split() for line in top.lines), f"the columns of {width} by {height}")
        fills(top)
        assert row(top, "second-") and row(top, "WORKER")
        if width == 132:
            assert "submit-per" in row(top, "second-") and fleet.url in top.lines[0]
    for width, height in [(12, 3), (3, 1)]:
        top.resize(width, height)
        wait_for(lambda: top.lines[-1].startswith(HINTS[:width].rstrip()), f"a screen of {width} by {height}")
    top.resize(80, 24)
    top.wait_for(HINTS)


@pytest.mark.parametrize("key, code", [("q", 0), ("C-c", 130)])
def test_it_leaves_the_terminal_as_it_was(terminal, key, code):
    screen = terminal()
    screen.command("stty -a | md5sum; echo bef''ore")
    screen.wait_for("before")
    settings = next(line for line in screen.lines if line.endswith("  -"))
    screen.command(f"{BINARY} top")
    screen.wait_for(HINTS)
    assert (screen.state("alternate_on"), screen.state("cursor_flag"), screen.state("wrap_flag")) == ("1", "0", "0")
    screen.type(key)
    wait_for(lambda: screen.state("pane_current_command") == "bash", "the shell's turn")
    screen.command("echo code $?; stty -a | md5sum; echo af''ter")
    screen.wait_for(f"code {code}", "after")
    assert screen.text.count(settings) == 2 and HINTS not in screen.text
    assert (screen.state("alternate_on"), screen.state("cursor_flag"), screen.state("wrap_flag")) == ("0", "1", "1")


def test_killing_it_leaves_the_terminal_as_it_was(terminal):
    screen = terminal()
    screen.command(f"{BINARY} top")
    screen.wait_for(HINTS)
    (pid,) = children(int(screen.state("pane_pid")))
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: screen.state("alternate_on") == "0", "the screen to be left")
    assert screen.state("cursor_flag") == "1"


def test_colours_can_be_turned_off(terminal):
    coloured, plain = terminal(), terminal(NO_COLOR="1")
    for screen in (coloured, plain):
        screen.command(f"{BINARY} top")
        screen.wait_for(HINTS)
    assert re.search(r"\x1b\[3[1-7]m", coloured.styled)
    assert not re.search(r"\x1b\[[34][1-7]m", plain.styled)


def test_a_coordinator_that_is_gone_is_shown(fleet, top):
    fleet.serve.interrupt()
    assert fleet.serve.wait() == 0
    top.wait_for("not connected, trying again: ")
    fills(top)
    # What was known last stays there to be read.
    assert row(top, "second-")
    fleet.restart()
    top.wait_for("disk ", "2 workers", deadline=60)
    assert "trying again" not in top.text


def test_it_wants_a_terminal(desk):
    done = desk.run("top")
    assert (done.returncode, done.stdout) == (1, "")
    assert "top needs a terminal; 'sonarsweep status' and 'sonarsweep jobs --output json' do not" in done.stderr
