"""Makes the real program's system calls fail: ../Chaos/faults.c, which says what can fail and how."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "Chaos/faults.c"
CALLS = ("write", "sync", "rename", "open", "send", "receive", "compute")
SWITCH = len(CALLS) * 8


def build(directory):
    """Compiles the library into a directory and returns its path."""
    library = Path(directory) / "faults.so"
    # Swift brings a clang where there is no other compiler.
    compiler = shutil.which("cc") or "clang"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o", library, SOURCE, "-ldl", "-pthread"],
                   check=True)
    return library


class Faults:
    """One experiment: what fails, in which processes, and how often each call was made."""

    def __init__(self, library, counts, faults="", path="", role=""):
        """`counts` is a file that will be made; `faults`, `path` and `role` as in faults.c."""
        self.counts_file = Path(counts)
        self.counts_file.write_bytes(bytes(128))
        self.environment = {
            **os.environ, "LD_PRELOAD": str(library), "SONARSWEEP_FAULT": faults, "SONARSWEEP_FAULT_PATH": str(path),
            "SONARSWEEP_FAULT_ROLE": role, "SONARSWEEP_FAULT_LOG": str(self.counts_file),
        }

    def counts(self):
        """Calls made so far, of all processes together."""
        return dict(zip(CALLS, struct.unpack("7Q", self.counts_file.read_bytes()[:SWITCH]), strict=True))

    def failed(self):
        """Faults that have happened so far."""
        return dict(zip(CALLS, struct.unpack("7Q", self.counts_file.read_bytes()[64:120]), strict=True))

    def clear(self):
        """From now on nothing fails."""
        with open(self.counts_file, "r+b") as file:
            file.seek(SWITCH)
            file.write(struct.pack("Q", 1))
