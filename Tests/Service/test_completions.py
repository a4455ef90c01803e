"""What `make install` puts where shells look for completions, in real shells in which Tab is pressed."""

import re
import shutil
import subprocess

import pytest
from jobs import endless
from shared_fleet import Desk, SharedFleet
from support import REPOSITORY, wait_for
from terminal import Terminal

# How each shell is started, and what a line must be typed for it to find the prefix's completions.
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile"], ". /usr/share/bash-completion/bash_completion"),
    "zsh": (["zsh", "-f"], "PS1='$ '; fpath=($PREFIX/share/zsh/site-functions $fpath); autoload -U compinit; compinit -D"),
    "fish": (["fish", "--no-config", "--private"],
             "function fish_prompt; echo '$ '; end; set fish_autosuggestion_enabled 0; "
             "set fish_complete_path $PREFIX/share/fish/vendor_completions.d $fish_complete_path"),
}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Where the program that is built was installed."""
    prefix = tmp_path_factory.mktemp("prefix")
    done = subprocess.run(["make", "-C", REPOSITORY, "--old-file=build", "install", f"PREFIX={prefix}"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return prefix


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Of somebody with a job that runs, and another."""
    with SharedFleet(tmp_path_factory.mktemp("fleet")) as fleet:
        desk = Desk(tmp_path_factory.mktemp("desk"), fleet, "submit")
        for name in ("second", "third"):
            desk.write(f"{name}.yaml", endless(name))
            assert desk.run("submit", f"{name}.yaml").returncode == 0
        desk.job = fleet.job("second")["id"]
        yield desk


@pytest.fixture(params=SHELLS)
def shell(request, prefix, desk):
    command, setup = SHELLS[request.param]
    if not shutil.which(command[0]):
        pytest.skip(f"needs {command[0]}: make deps-test")
    environment = {**desk.environment, "PREFIX": str(prefix), "PATH": f"{prefix}/bin:/usr/bin:/bin",
                   "XDG_DATA_DIRS": f"{prefix}/share:/usr/share"}
    terminal = Terminal(120, 30, environment, command)
    terminal.command(f"cd {desk.directory}; {setup}; clear; echo rea''dy")
    terminal.wait_for("ready", "$")
    yield terminal
    terminal.close()


def completed(shell, text, pattern):
    """Types a text and Tab until the line is completed as wanted."""
    shell.write(text)
    shell.type("Tab")
    try:
        wait_for(lambda: re.search(pattern, shell.text), pattern, 20)
    except AssertionError as error:
        raise AssertionError(f"{error}:\n{shell.text}") from None


def test_tab_completes(shell, desk):
    completed(shell, "sonarsweep sub", r"sonarsweep submit\b")
    # Files: only what a job may be.
    completed(shell, "thi", r"sonarsweep submit third\.yaml")
    completed(shell, "--prio", r"sonarsweep submit third\.yaml --priority")
    shell.type("C-c")
    # Jobs: from the coordinator.
    completed(shell, "sonarsweep watch sec", rf"sonarsweep watch {desk.job}")
    shell.type("C-c")
    completed(shell, "sonarsweep jobs --phase ru", r"sonarsweep jobs --phase running")
    shell.type("C-c")


def test_without_a_coordinator_tab_completes_nothing(shell):
    unset = "set -e SONARSWEEP_COORDINATOR" if "fish" in shell.state("pane_current_command") else "unset SONARSWEEP_COORDINATOR"
    shell.command(f"{unset}; clear; echo rea''dy")
    shell.wait_for("ready")
    completed(shell, "sonarsweep watch sec", r"sonarsweep watch sec")
    # Whatever comes next is typed after it: the shell did not hang, and nothing was printed into the line.
    shell.write("ond")
    shell.wait_for("sonarsweep watch second")
    assert "Error" not in shell.text and "second.yaml" not in shell.text
