"""Every command line in deploy/ is one that the program understands, and ports are its own."""

import re

import commands
import pytest
from support import REPOSITORY

LINES = list(commands.command_lines())


def test_all_roles_are_started_everywhere():
    found = {(where.partition(".")[2], words[0]) for where, words in LINES}
    for kind in ("service", "sbatch", "yaml"):
        assert {role for ending, role in found if ending == kind} >= {"coordinator", "aggregator", "worker"}, found


@pytest.mark.parametrize(("where", "words"), LINES, ids=[f"{where}-{words[0]}" for where, words in LINES])
def test_the_program_has_every_option(where, words):
    subcommands, options = commands.split(words)
    unknown = set(options) - commands.known_options(*subcommands)
    assert not unknown, f"{where}: {' '.join(subcommands)} has no {', '.join(unknown)}"


def test_the_readme_names_every_file():
    readme = (commands.DEPLOY / "README.md").read_text()
    for folder in ("systemd", "slurm", "kubernetes/components", "kubernetes/overlays"):
        for file in (commands.DEPLOY / folder).iterdir():
            assert file.name in readme or file.name.replace("@", "@1") in readme, file
    assert re.search(r"5700.*\n.*5701.*\n.*5780", readme), "the table of ports"
    assert (REPOSITORY / "deploy/container/Containerfile").exists()
