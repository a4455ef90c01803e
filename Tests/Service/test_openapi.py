"""The OpenAPI document is what the real fleet does: schemathesis makes requests from it and judges every answer."""

import copy
import json
import re
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from http_fleet import Events, HTTPFleet
from jobs import LONG, TOO_LONG_CORPUS
from test_api import LABELLED, SHORT

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """One with a job that is done, one with failures, and one that is paused."""
    fleet = HTTPFleet(tmp_path_factory.mktemp("fleet"), workers=1)
    for job in (fleet.submit(SHORT), fleet.submit(LABELLED, {"corpora/some.tsv": TOO_LONG_CORPUS})):
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


# What is altered in the document, and what of the fleet then contradicts it: (operation, the path to it, value, finding).
ALTERED = {
    "a type": ("listJobs", ("components", "schemas", "Job", "properties", "priority", "$ref"), "#/components/schemas/Time",
               "Response violates schema"),
    "a key that is not there": (
        "getFleet", ("components", "schemas", "Fleet", "required"), ["version", "weather"], "Response violates schema"),
    "a media type": (
        "getMetrics", ("paths", "/metrics", "get", "responses", "200", "content"), {"application/json": {}},
        "Undocumented Content-Type"),
    "an answer": ("isAlive", ("paths", "/healthz", "get", "responses"), {"204": {"description": "x"}},
                  "Undocumented status code"),
    "a bound": (
        "listRecords", ("paths", "/api/v1/jobs/{job}/records", "get", "parameters", 0, "schema", "maximum"), 5000,
        "Schema-valid request rejected"),
    "a bound that is too narrow": (
        "listJobs", ("paths", "/api/v1/jobs", "get", "parameters", 1, "schema", "maximum"), 10,
        "Schema-violating request accepted"),
    "what an event is": (
        "watchEvents", ("components", "schemas", "Event", "properties", "event", "enum"), ["news"],
        "SSE event violates schema"),
    "who may": ("isAlive", ("paths", "/healthz", "get", "security"), [{"token": []}], "API accepts"),
}


def schemathesis(fleet, document, directory, *options):
    file = directory / "openapi.json"
    file.write_text(json.dumps(document))
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIGURATION, "run", file, "--url",
               fleet.url, "--checks", "all", *options]
    figure = fleet.get("/api/v1/jobs/short/figures").json["figures"][0]["url"].rpartition("/")[2]
    return subprocess.run(command, cwd=directory, env={**os.environ, "TOKEN": fleet.tokens["admin"], "FIGURE": figure},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)


def test_events_hold_what_the_document_says(fleet, document):
    """The first of the tests: later ones may drain the worker."""
    schemas = {"fleet": "Fleet", "job": "Job"}
    with Events(fleet) as events:
        for name, data in events:
            if name == "workers":
                assert data["workers"]
                schema, data = "Worker", data["workers"][0]
            else:
                schema = schemas[name]
            jsonschema.validate(data, {**document, "$ref": f"#/components/schemas/{schema}"},
                                cls=jsonschema.Draft202012Validator)
            if name == "workers":
                break


def test_every_operation_is_as_the_document_says(fleet, document, tmp_path):
    done = schemathesis(fleet, document, tmp_path)
    assert done.returncode == 0, done.stdout[-30_000:] + done.stderr
    asked = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", done.stdout)
    assert set(asked.groups()) == {str(sum(len(item.keys() - {"parameters"}) for item in document["paths"].values()))}


@pytest.mark.parametrize("what", ALTERED)
def test_a_document_that_is_altered_is_contradicted(fleet, document, tmp_path, what):
    operation, path, value, finding = ALTERED[what]
    altered = place = copy.deepcopy(document)
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    done = schemathesis(fleet, altered, tmp_path, "--include-operation-id", operation, "--phases", "coverage,fuzzing")
    assert done.returncode == 1 and finding in done.stdout, done.stdout + done.stderr
