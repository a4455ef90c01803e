"""The OpenAPI document is what the real fleet does: schemathesis makes requests from it and judges every answer."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from http_fleet import HTTPFleet
from test_api import CORPUS, LABELLED, LONG, SHORT

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """One with a job that is done, one with failures, and one that is paused."""
    fleet = HTTPFleet(tmp_path_factory.mktemp("fleet"), workers=1)
    for job in (fleet.submit(SHORT), fleet.submit(LABELLED, {"corpora/some.tsv": CORPUS})):
        fleet.wait_until(job, "done")
    fleet.post(f"/api/v1/jobs/{fleet.submit(LONG.replace('long', 'paused'))}/pause")
    yield fleet
    fleet.close()


@pytest.fixture(scope="module")
def document(fleet):
    """As the fleet gives it; but this one has tokens, so that they are needed."""
    document = fleet.get("/openapi.json").json
    assert document["openapi"] == "3.1.0" and document["security"] == [{"token": []}, {}]
    document["security"] = [{"token": []}]
    return document


def schemathesis(fleet, document, directory, *options):
    file = directory / "openapi.json"
    file.write_text(json.dumps(document))
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIGURATION, "run", file, "--url",
               fleet.url, "--checks", "all", *options]
    figure = fleet.get("/api/v1/jobs/short/figures").json["figures"][0]["url"].rpartition("/")[2]
    return subprocess.run(command, cwd=directory, env={**os.environ, "TOKEN": fleet.tokens["admin"], "FIGURE": figure},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)


def test_every_operation_is_as_the_document_says(fleet, document, tmp_path):
    done = schemathesis(fleet, document, tmp_path)
    assert done.returncode == 0, done.stdout[-30_000:] + done.stderr
