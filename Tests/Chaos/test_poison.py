"""Units that kill or hang whoever computes them cost themselves alone; a slow worker does not hold the end of a job."""

import json
import signal
import sys
from pathlib import Path

import numpy as np
from faults import Faults
from fleet import Fleet
from jobs import ALL
from stores import array, check, check_null, check_same
from support import BINARY, null_spec, query, sonarsweep

HERE = Path(__file__).parent
# Starts with `python_worker` importable, wherever pytest runs.
ODD = ["env", f"PYTHONPATH={HERE.parent / 'Conformance'}", sys.executable, HERE / "odd_worker.py"]
WORKER_OF = "SELECT unit, attempts, workers.name FROM units JOIN workers ON workers.id = units.worker ORDER BY unit"


def test_two_poisoned_units_of_500_fail_alone(tmp_path):
    units, width = 500, 16
    # A watchdog: a worker that hangs is killed, when its lease is long gone.
    with Fleet(tmp_path, workers=0, on_stop=signal.SIGKILL) as fleet:
        for _ in range(2):
            fleet.start_worker(*ODD, "--kill", 37, "--stop", 77)
        job = fleet.submit(null_spec(units, width, "poison"))
        status = fleet.wait_until_done(job)
        stops = sum(role.stops for role in fleet.roles.values())
        deaths = sum(map(len, fleet.deaths().values()))
    assert (status["done"], status["failed"], status["skipped"]) == (units - 2, 2, 0)
    assert stops >= 3 and deaths - stops >= 3, "each was tried alone, and in larger company before"
    store = fleet.results / job
    check(store, units)
    assert query(store, "SELECT unit, code FROM errors ORDER BY unit") == [(37, "quarantined"), (77, "quarantined")]
    expected = ((np.arange(units)[:, None] + np.arange(width)[None, :]) % 65536).astype(np.float32)
    expected[[37, 77]] = np.nan
    np.testing.assert_array_equal(array(store, "embedding", units), expected)

    listed = sonarsweep("results", "failures", job, "--results", fleet.results, "--output", "json")
    assert listed.returncode == 0, listed.stderr
    failures = [(failure["unit"], failure["code"]) for failure in json.loads(listed.stdout)]
    assert failures == [(37, "quarantined"), (77, "quarantined")]


def test_a_worker_ten_times_slower_does_not_hold_the_end(tmp_path):
    # The slow worker gets two leases of 8 units before anybody knows it; that is 4 s, while the others need 1.3 s for
    # all the rest.
    units, delay = 100, 0.03
    with Fleet(tmp_path, workers=0) as fleet:
        slow = fleet.start_worker(*ODD, "--delay", 10 * delay)
        others = [fleet.start_worker(*ODD, "--delay", delay) for _ in range(2)]
        job = fleet.submit(null_spec(units, 4, "straggler"))
        fleet.wait_until_done(job)
        assert fleet.deaths() == {}
        assert "go to others" not in fleet.logs(), "no lease was lost"
    store = fleet.results / job
    check(store, units)
    check_null(store, units, 4)
    leased = {unit for line in slow.log.read_text().splitlines() if line.startswith("lease")
              for unit in range(*map(int, line.split()[1:3]))}
    done = {unit: (int(name.rpartition(":")[2]), attempts) for unit, attempts, name in query(store, WORKER_OF)}
    assert {pid for pid, _ in done.values()} == {role.pid for role in (slow, *others)}
    # Nobody was given up: what others did of the slow worker's leases was lent to them, as a second attempt.
    lent = {unit: done[unit] for unit in leased if done[unit][0] != slow.pid}
    assert lent, "all that the slow worker had been given was waited for"
    assert all(attempts > 1 for _, attempts in lent.values()), lent


def test_a_worker_whose_computation_hangs_is_found_and_replaced(library, references, tmp_path):
    job = ALL["decoded"]
    faults = Faults(library, tmp_path / "counts", "compute:400:hang", role="worker")
    # It ends with an error, and is started again like any other that died.
    with Fleet(tmp_path, workers=0, environment=faults.environment, expected_deaths=(1,)) as fleet:
        for _ in range(2):
            fleet.start_worker(BINARY, "worker", "--model", job.model, "--step-timeout", 1, "--coordinator")
        submitted = fleet.submit(job.spec)
        fleet.wait_until_done(submitted)
        assert sum(fleet.deaths().values(), []) == [1]
        assert "hangs" in fleet.logs()
    check_same(fleet.results / submitted, references["decoded"], job.units)
