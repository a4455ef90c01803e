"""The jobs whose results must not depend on what happens meanwhile."""

import threading
from dataclasses import dataclass

from fleet import DEADLINE, Fleet
from stores import check, check_null
from support import MODEL, null_spec, position_spec


@dataclass(frozen=True)
class Job:
    spec: dict
    units: int
    model: str


def decoded(tokens, length, method):
    decode = {"languages": ["eng_Latn", "spa_Latn"], "method": method, "max_tokens": 24}
    spec = {**position_spec(tokens, ["_", "the"], length, decode), "name": "chaos"}
    return Job(spec, len(tokens) * 2 * length, str(MODEL))


ALL = {
    # Costs nothing, so that everything is messages and files.
    "null": Job(null_spec(6000, 64, "chaos"), 6000, "none"),
    # The embedded model, with decodes.
    "decoded": decoded(["dog", "cat", "speak"], 12, "greedy"),
    # Long enough that things happen in the course of it.
    "beam": decoded(["dog", "cat", "speak", "eat", "we"], 20, {"beam": 5}),
}


def undisturbed(job, directory, deadline=DEADLINE):
    """The job's store, made by one worker that nothing happens to."""
    with Fleet(directory, workers=1, model=job.model, lease=30, heartbeat=1) as fleet:
        name = fleet.submit(job.spec)
        fleet.wait_until_done(name, deadline)
        assert fleet.deaths() == {}
    store = fleet.results / name
    check(store, job.units)
    if job.model == "none":
        check_null(store, job.units, job.spec["model"]["dim"])
    return store


class References:
    """The undisturbed stores of jobs, each made when it is first asked for."""

    def __init__(self, directory):
        self.directory = directory
        self.stores = {}
        self.lock = threading.Lock()

    def __getitem__(self, name):
        with self.lock:
            if name not in self.stores:
                self.stores[name] = undisturbed(ALL[name], self.directory / name)
            return self.stores[name]
