"""The program's command lines that deploy/ contains, and what the program itself says about its options."""

import functools
import re
import shlex

import yaml
from support import REPOSITORY, sonarsweep

DEPLOY = REPOSITORY / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SCRIPTS = sorted((DEPLOY / "slurm").glob("*.sbatch"))
MANIFESTS = sorted((DEPLOY / "kubernetes/base").glob("*.yaml"))


def documents(file):
    return [document for document in yaml.safe_load_all(file.read_text()) if document]


def settings(unit, name):
    """The values of a setting of a systemd unit, in order; lines that end in a backslash are one."""
    text = re.sub(r"\\\n\s*", " ", unit.read_text())
    return [value.strip() for value in re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)]


def containers(document):
    template = document.get("spec", {}).get("template", {}).get("spec", {})
    return template.get("initContainers", []), template.get("containers", [])


def command_lines():
    """(where, words after the program's name) for each time the program is started."""
    for unit in UNITS:
        for line in settings(unit, "ExecStart"):
            yield unit.name, shlex.split(line)[1:]
    for script in SCRIPTS:
        text = re.sub(r"\\\n\s*", " ", script.read_text())
        for line in re.findall(r'^\s*(?:"\$program"|"\$\{SONARSWEEP:-sonarsweep\}") ([^>&]*)', text, re.MULTILINE):
            yield script.name, shlex.split(line)
    for manifest in MANIFESTS:
        for document in documents(manifest):
            initial, running = containers(document)
            for container in running:
                yield manifest.name, container["args"]
            for container in initial:
                for line in re.findall(r"sonarsweep ([^>\n]*)", "\n".join(container.get("args", []))):
                    yield manifest.name, shlex.split(line)


@functools.cache
def known_options(*command):
    """The options that the program's own help has."""
    done = sonarsweep(*command, "--help")
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.stdout.partition("USAGE:")[2]))


def split(words):
    """A command line's subcommands and options."""
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    subcommands = []
    for word in words[: 2 if words[0] in ("keys", "tokens") else 1]:
        subcommands.append(word)
    return tuple(subcommands), options
