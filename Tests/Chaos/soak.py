"""Kills, stops and cuts off the roles of a fleet at random while jobs run, one after the other. Each job's store must be
the undisturbed run's.

    python soak.py --seconds 600 --seed 1        (make soak SECONDS=600 SEED=1)
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fleet import Fleet
from jobs import Job, decoded, undisturbed
from stores import check_same
from support import BINARY, MODEL, null_spec, query

WORKERS = 3
# Seconds between disturbances; most of those are kills.
PAUSE = (0.2, 2.0)
DISTURBANCES = {"kill": 7, "stop": 2, "cut": 1, "stall": 1, "reset": 1}
# Fewer kills a minute are too gentle to mean anything.
KILLS_A_MINUTE = 20
# Seconds that a job may take once it is left in peace.
PATIENCE = 180

JOBS = {
    "decoded": decoded(list(range(100, 160)), 20, "greedy"),
    "null": Job(null_spec(200_000, 64, "chaos"), 200_000, "none"),
}


class Soak:
    def __init__(self, directory, seed, jobs, report=print):
        self.directory = Path(directory)
        self.random = random.Random(seed)
        self.jobs = jobs
        self.report = report
        self.kills, self.stops, self.cuts = Counter(), Counter(), Counter()
        self.stores = self.units = self.lost = self.twice = self.divergent = 0
        self.violations = []

    def run(self, seconds):
        """Disturbs jobs for so long, lets the last one end in peace, and returns whether all is as it must be."""
        self.report("making the undisturbed runs")
        references = {name: undisturbed(job, self.directory / name, PATIENCE) for name, job in self.jobs.items()}
        self.start = time.monotonic()
        self.end, self.next_report = self.start + seconds, self.start
        fleet = Fleet(self.directory / "disturbed", workers=WORKERS, model=str(MODEL), proxied=True)
        try:
            while time.monotonic() < self.end:
                name = list(self.jobs)[self.stores % len(self.jobs)]
                job = fleet.submit({**self.jobs[name].spec, "name": f"soak-{self.stores + 1}"})
                self.disturb_until_done(fleet, job)
                self.compare(fleet.results / job, references[name], self.jobs[name].units)
        except AssertionError as error:
            self.violations.append(f"{error}\n{fleet.logs()}")
        finally:
            fleet.close()
        self.violations += fleet.problems
        kills = self.kills.total()
        if kills < seconds * KILLS_A_MINUTE / 60:
            self.violations.append(f"only {kills} kills")
        return not self.violations

    def disturb_until_done(self, fleet, job):
        next_disturbance = time.monotonic()
        status = None
        while not (status and status["phase"] == "done"):
            now = time.monotonic()
            assert now < self.end + PATIENCE, f"{job} does not end; the last status: {status}"
            if next_disturbance <= now < self.end:
                self.disturb(fleet)
                next_disturbance = now + self.random.uniform(*PAUSE)
            if self.next_report <= now:
                self.next_report = now + 10
                progress = f"{status['done']} of {status['units']} units" if status else "no answer"
                self.report(f"{now - self.start:4.0f} s: {self.disturbances()}; {job}: {progress}")
            status = fleet.status(job) or status
            assert not status or status["phase"] != "failed", status
            time.sleep(0.02)

    def disturb(self, fleet):
        (kind,) = self.random.choices(list(DISTURBANCES), DISTURBANCES.values())
        role = fleet.roles[self.random.choice(list(fleet.roles))]
        link = self.random.choice(list(fleet.links))
        match kind:
            case "kill":
                role.signal(signal.SIGKILL)
                self.kills[role.kind] += 1
            case "stop":
                role.signal(signal.SIGSTOP)
                self.stops[role.kind] += 1
            case _:
                fleet.links[link].disturb(kind)
                self.cuts[kind] += 1

    def compare(self, store, reference, units):
        rows, distinct = query(store, "SELECT count(*), count(DISTINCT unit) FROM units")[0]
        self.stores += 1
        self.units += distinct
        self.lost += units - distinct
        self.twice += rows - distinct
        self.divergent += query(store, "SELECT count(*) FROM divergences")[0][0]
        try:
            check_same(store, reference, units)
        except AssertionError as error:
            self.violations.append(f"{store.name} is not what {reference.name} is: {error}")

    def disturbances(self):
        parts = []
        for what, counter in (("kills", self.kills), ("stops", self.stops), ("cuts", self.cuts)):
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(counter.items()))
            parts.append(f"{counter.total()} {what}" + (f" ({kinds})" if kinds else ""))
        return ", ".join(parts)

    def summary(self):
        verdict = "byte-identical to the undisturbed runs" if self.stores else "none was finished"
        if self.violations:
            verdict = "VIOLATED:"
        return "\n".join([
            f"disturbances  {self.disturbances()}",
            f"jobs          {self.stores}, {self.units} units committed",
            f"records       {self.lost} lost, {self.twice} twice, {self.divergent} divergent",
            f"stores        {verdict}",
            *self.violations,
        ])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    if not BINARY.exists():
        sys.exit(f"{BINARY} is missing: build it, or name it in SONARSWEEP")
    print(f"seed {options.seed}, {options.seconds:.0f} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="sonarsweep-soak-", ignore_cleanup_errors=True) as directory:
        soak = Soak(directory, options.seed, JOBS, lambda line: print(line, flush=True))
        try:
            is_well = soak.run(options.seconds)
        except KeyboardInterrupt:
            print("stopped", flush=True)
            is_well = None
        print(soak.summary(), flush=True)
    sys.exit({True: 0, False: 1, None: 130}[is_well])


if __name__ == "__main__":
    main()
