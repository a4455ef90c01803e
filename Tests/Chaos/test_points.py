"""Each role is killed, and stopped for longer than its leases last, at 50 chosen points: calls it makes in the course of
a job. Whatever the point, the finished store is the undisturbed run's."""

import pytest
from faults import Faults
from fleet import Fleet
from jobs import ALL
from stores import check_same
from support import wait_for

# By role: calls by kind, spread over what an
# undisturbed run makes. `receive` and `send` are messages (and frames between a worker's threads), `compute` is an
# operator of the model, the others are the files of journal and store.
CALLS = {
    "coordinator": {"write": range(1, 28, 2), "sync": range(1, 13), "open": range(1, 4), "receive": range(1, 92, 9),
                    "send": range(1, 56, 6)},
    "aggregator": {"write": range(5, 94, 8), "sync": range(2, 22), "rename": range(1, 5), "open": range(1, 18, 4),
                   "receive": range(1, 14, 3), "send": range(1, 11, 3)},
    "worker": {"receive": range(1, 86, 6), "send": range(1, 100, 7), "compute": range(1, 1047, 55)},
}


def points():
    """50 points of each role: two kills before the call, two after it, and so on. Where it is killed before, it is stopped
    as well."""
    for role, calls in CALLS.items():
        assert sum(map(len, calls.values())) == 50
        for call, places in calls.items():
            for i, nth in enumerate(places):
                # By twos, as the calls of a commit come by twos.
                yield from (f"{role}:{call}:{nth}:{action}" for action in (["kill", "stop"], ["kill-after"])[i // 2 % 2])


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
