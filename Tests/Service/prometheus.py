"""A real Prometheus on a free port of this machine, with its data in a directory of the test."""

import json
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from support import wait_for


class Prometheus:
    def __init__(self, config, directory):
        self.address = f"127.0.0.1:{free_port()}"
        self.log = Path(directory) / "prometheus.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/data",
                 f"--web.listen-address={self.address}", "--log.level=warn"], stdout=log, stderr=log)
        try:
            wait_for(self.is_ready, "Prometheus to be ready")
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def is_ready(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def get(self, path, **parameters):
        """The data of an answer; an error fails with Prometheus' own words."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def query(self, expression):
        """The samples of an instant query, each with its labels in `metric`; those that are no number are left out."""
        found = self.get("query", query=expression)["result"]
        return [sample for sample in found if sample["value"][1] != "NaN"]

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def free_port():
    """One that nobody listened on a moment ago: Prometheus does not tell which one it took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
