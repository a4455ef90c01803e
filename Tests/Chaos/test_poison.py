"""Units that kill or hang whoever computes them cost themselves alone; a slow worker does not hold the end of a job."""

import json
import signal
import sys
from pathlib import Path

import numpy as np
from fleet import Fleet
from stores import array, check
from support import Program, catalogue, null_spec, query, sonarsweep

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
    text = listed.stdout
    assert "quarantined" in text and "37" in text and "77" in text and json.loads(text)


def test_a_worker_ten_times_slower_does_not_hold_the_end(tmp_path):
    units, delay = 600, 0.005
    with Fleet(tmp_path, workers=0, lease=30) as fleet:
        fast = [fleet.start_worker(*ODD, "--delay", delay) for _ in range(2)]
        slow = fleet.start_worker(*ODD, "--delay", 10 * delay)
        job = fleet.submit(null_spec(units, 4, "straggler"))
        fleet.wait_until_done(job)
        assert fleet.deaths() == {}
        name = {role.pid: role for role in (*fast, slow)}
    store = fleet.results / job
    check(store, units)
    leased = set()
    for line in slow.log.read_text().splitlines():
        if line.startswith("lease"):
            leased |= set(range(*map(int, line.split()[1:3])))
    assert leased, "the slow worker took part"
    workers = {unit: (int(worker.rpartition(":")[2]), attempts) for unit, attempts, worker in query(store, WORKER_OF)}
    assert {pid for pid, _ in workers.values()} <= name.keys()
    taken_over = [unit for unit in leased if workers[unit][0] != slow.pid]
    assert taken_over, "all that the slow worker had was waited for"
