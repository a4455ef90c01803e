"""The Containerfile, as far as it can be checked where no container is built: no engine runs in the tests."""

import re
import subprocess
import sys
from pathlib import Path

import commands
import pytest
from support import BINARY, REPOSITORY

FILE = commands.DEPLOY / "container/Containerfile"
TEXT = re.sub(r"\\\n\s*", " ", FILE.read_text())
MAKEFILE = re.sub(r"\\\n\s*", " ", (REPOSITORY / "Makefile").read_text())


def tool(name):
    """A program that came with a package of the environment that runs the tests."""
    return Path(sys.executable).parent / name


def instructions(name):
    return re.findall(rf"^{name} +(.*)$", TEXT, re.MULTILINE)


def packages(instruction):
    """What an instruction installs by apt-get."""
    (names,) = re.findall(r"apt-get install (.*?)&&", instruction)
    return {name for name in names.split() if not name.startswith("-")}


BUILD, RUNTIME = (packages(run) for run in instructions("RUN") if "apt-get install" in run)


def test_the_linter_has_no_complaint():
    done = subprocess.run([tool("hadolint"), "--failure-threshold", "style", FILE], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stdout, done.stdout


def test_what_is_copied_exists_and_is_not_ignored():
    ignore = [line for line in (FILE.parent / "Containerfile.containerignore").read_text().splitlines()
              if line and not line.startswith("#")]
    copied = [line.split()[0] for line in instructions("COPY") if not line.startswith("--from")]
    assert len(copied) >= 4
    for name in copied:
        assert (REPOSITORY / name).exists(), name
        assert f"!{name}" in ignore, name
    assert ignore[0] == "*"


def test_the_manifest_finds_every_target():
    manifest = (REPOSITORY / "Package.swift").read_text()
    copied = {line.split()[0] for line in instructions("COPY")}
    assert {path.split("/")[0] for path in re.findall(r'path: "([^"]+)"', manifest)} <= copied


def test_the_build_installs_what_the_makefile_does():
    (wanted,) = re.findall(r"^APT := (.*)$", MAKEFILE, re.MULTILINE)
    assert BUILD == set(wanted.split())


def libraries():
    """The libraries that the program itself names, and the file that each is here."""
    dynamic = subprocess.run(["readelf", "-d", BINARY], capture_output=True, text=True, check=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    found = dict(re.findall(r"(\S+) => (\S+)", subprocess.run(["ldd", BINARY], capture_output=True, text=True,
                                                              check=True).stdout))
    return {name: found.get(name, "") for name in needed if "ld-linux" not in name}


def owner(path):
    """The Debian packages whose file this is."""
    for candidate in (path, str(Path(path).resolve()), path.removeprefix("/usr") if path.startswith("/usr") else f"/usr{path}",
                      str(Path(path).resolve()).removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", candidate], capture_output=True, text=True)
        if done.returncode == 0:
            return {line.split(":")[0] for line in done.stdout.splitlines()}
    return set()


def test_the_image_has_every_library():
    found = libraries()
    assert len(found) > 8
    static = "--static-swift-stdlib" in TEXT
    for name, path in found.items():
        if "/swift/" in path:
            assert static, f"{name} is Swift's own and not in the image"
            continue
        owners = owner(path)
        assert owners & RUNTIME, f"{name} ({path}) is in {owners}, which the image does not install"


def test_nothing_is_installed_in_vain():
    owners = set().union(*(owner(path) for path in libraries().values() if path and "/swift/" not in path))
    # The C++ library's own needs are named by the linker, or not, as it likes.
    assert RUNTIME - owners <= {"libstdc++6", "libgcc-s1", "libgomp1", "zlib1g", "libc6"}, RUNTIME - owners


def test_it_runs_as_nobody_in_particular():
    (user,) = instructions("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a number, so that Kubernetes can tell that it is not root"
    pod = next(document for file in commands.MANIFESTS for document in commands.documents(file)
               if document["kind"] == "StatefulSet")["spec"]["template"]["spec"]["securityContext"]
    assert user == f"{pod['runAsUser']}:{pod['runAsGroup']}"
    assert instructions("ENTRYPOINT") == ['["/usr/local/bin/sonarsweep"]']


@pytest.mark.parametrize("name", ["Containerfile.dockerignore"])
def test_docker_finds_its_list_under_its_own_name(name):
    assert (FILE.parent / name).read_text() == (FILE.parent / "Containerfile.containerignore").read_text()
