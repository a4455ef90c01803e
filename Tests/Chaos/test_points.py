"""Each role is killed, and stopped for longer than its leases last, at 50 chosen points: calls it makes in the course of
a job. Whatever the point, the finished store is the undisturbed run's."""

import pytest
from faults import Faults
from fleet import Fleet
from jobs import ALL
from stores import check_same
from support import wait_for

# By role: how many calls of each kind are points. `receive` and `send` are messages (and frames between a worker's
# threads), the others the files of the journal and the store; `compute` is one operator of the model.
CALLS = {
    "coordinator": {"receive": 20, "send": 20, "write": 4, "sync": 3, "open": 2, "rename": 1},
    "aggregator": {"receive": 12, "send": 10, "write": 14, "sync": 8, "open": 4, "rename": 2},
    "worker": {"receive": 15, "send": 15, "compute": 20},
}
# Computing is many small calls: far enough apart to reach the end of the job.
STRIDE = {"compute": 97}


def points():
    """50 points of each role: every second one a kill before the call, the others after it. Every second one is a stop
    as well."""
    for role, calls in CALLS.items():
        assert sum(calls.values()) == 50
        for call, count in calls.items():
            for i in range(count):
                nth = 1 + i * STRIDE.get(call, 1)
                yield f"{role}:{call}:{nth}:{('kill', 'kill-after')[i % 2]}"
                if i % 2 == 0:
                    yield f"{role}:{call}:{nth}:stop"


@pytest.fixture(scope="module")
def outcomes(side_by_side, library, references, tmp_path_factory):
    directory = tmp_path_factory.mktemp("points")
    return side_by_side("test_the_store_is_the_undisturbed_runs",
                        lambda case: disturb(case, directory / case.replace(":", "-"), library, references))


@pytest.mark.parametrize("case", list(points()))
def test_the_store_is_the_undisturbed_runs(case, outcomes):
    outcomes[case].result()


def disturb(case, directory, library, references):
    role, fault = case.split(":", 1)
    # Points in computing need something to compute; elsewhere the jobs take turns.
    name = "decoded" if role == "worker" or hash_of(case) % 2 else "null"
    job = ALL[name]
    directory.mkdir()
    faults = Faults(library, directory / "counts", fault, f"{directory}/state:{directory}/results", role)
    with Fleet(directory, model=job.model, environment=faults.environment) as fleet:
        submitted = fleet.submit(job.spec)
        fleet.wait_until_done(submitted)
        # A late point comes with the heartbeats and status requests after the end: what is done must stay done.
        fleet.wait_until(submitted, lambda _: sum(faults.failed().values()) == 1, f"{case}; calls: {faults.counts()}", 20)
        action = case.rpartition(":")[2]
        happened = (lambda role: role.stops) if action == "stop" else (lambda role: len(role.deaths))
        wait_for(lambda: sum(map(happened, fleet.roles.values())) == 1, f"{action} to be seen")
        fleet.wait_until_done(submitted)
    check_same(fleet.results / submitted, references[name], job.units)


def hash_of(case):
    """The same in every run, unlike Python's own."""
    return sum(case.encode())
