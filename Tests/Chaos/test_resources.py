"""A stopped aggregator, a full disk and a worker that must go: nothing grows without bound, nothing is lost."""

import os
import signal
import subprocess

import pytest
import zmq
from faults import Faults
from fleet import Fleet, free_ports
from jobs import ALL
from stores import check, check_null, check_same
from support import BINARY, Program, Router, canonical, null_spec, wait_for

MIB = 1 << 20


def test_memory_is_bounded_while_the_aggregator_stands_still(tmp_path, capsys):
    units, width = 60_000, 1024
    # The lease is long, so that it is not the coordinator that holds the workers back.
    with Fleet(tmp_path, lease=120, hold=30) as fleet:
        job = fleet.submit(null_spec(units, width, "backpressure"))
        fleet.wait_until(job, lambda status: status["done"] > 2000, "records to flow")
        before = {name: role.memory() for name, role in fleet.roles.items()}
        fleet.roles["aggregator"].signal(signal.SIGSTOP)
        # Half a minute later the supervisor lets it go on; until then, nothing is committed.
        wait_for(lambda: fleet.roles["aggregator"].stopped_at, "the aggregator to be stopped")
        wait_for(lambda: not fleet.roles["aggregator"].stopped_at, "the aggregator to go on", 60)
        after = {name: role.memory() for name, role in fleet.roles.items()}
        status = fleet.wait_until_done(job)
        end = {name: role.memory() for name, role in fleet.roles.items()}
        assert fleet.deaths() == {}
    with capsys.disabled():
        print()
        for name in before:
            figures = [f"{rss // MIB} ({peak // MIB})" for rss, peak in (before[name], after[name], end[name])]
            print(f"  {name}: RSS (peak) {', '.join(figures)} MiB before, after 30 s, at the end")
    # Credit is at most 16 MiB a worker: that lies in its memory and once more in its sockets' queue, and comes to the
    # aggregator at once, which decodes it and writes it. Without credit each worker would have to keep half of 240 MB.
    bounds = {"coordinator": 16 * MIB, "aggregator": 128 * MIB, "worker-1": 64 * MIB, "worker-2": 64 * MIB}
    for name, bound in bounds.items():
        assert end[name][1] - before[name][1] < bound, name
    assert status["done"] == units
    check(fleet.results / job, units)
    check_null(fleet.results / job, units, width)


# The system's words, and SQLite's.
FULL = ("No space left on device", "disk is full")


def wait_for_room(fleet, job, make_room):
    """The fleet says that the disk is full and waits; all its processes live on, and go on when there is room."""
    waiting = fleet.wait_until(job, lambda status: any(words in status["problem"] for words in FULL), "status to say that the disk is full")
    assert waiting["phase"] in ("opening", "running")
    make_room()
    fleet.wait_until_done(job)
    assert fleet.deaths() == {}


def test_a_full_file_system(isolated, tmp_path):
    if not isolated("--mount"):
        return
    units, width = 20_000, 256
    results = tmp_path / "results"
    results.mkdir()
    # 20 MB of arrays and a little more for the catalogue.
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", results], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(mounted.stderr)
    ballast = results / "ballast"
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 36 * MIB)
    with Fleet(tmp_path) as fleet:
        job = fleet.submit(null_spec(units, width, "full"))
        wait_for_room(fleet, job, ballast.unlink)
    check(results / job, units)
    check_null(results / job, units, width)


@pytest.mark.parametrize("fault", ["write:1+:ENOSPC", "write:30+:ENOSPC", "sync:4+:ENOSPC", "write:30+:EIO"])
def test_a_disk_that_cannot_be_written_to(fault, library, references, tmp_path):
    job = ALL["null"]
    faults = Faults(library, tmp_path / "counts", fault, tmp_path / "results", "aggregator")
    with Fleet(tmp_path, environment=faults.environment) as fleet:
        submitted = fleet.submit(job.spec)
        fleet.wait_until(submitted, lambda status: status["problem"], "status to say what is wrong")
        faults.clear()
        fleet.wait_until_done(submitted)
        assert fleet.deaths() == {}
    check_same(fleet.results / submitted, references["null"], job.units)


def test_a_worker_that_is_asked_to_end_gives_its_lease_back(references, tmp_path):
    job = ALL["beam"]
    # A lease that is not given back would last longer than the test waits.
    with Fleet(tmp_path, workers=1, model=job.model, lease=600) as fleet:
        submitted = fleet.submit(job.spec)
        fleet.wait_until(submitted, lambda status: status["done"] > 0, "the first records")
        first = fleet.roles["worker-1"]
        assert first.end() == 0
        status = fleet.wait_until(submitted, lambda status: status["workers"] == 0, "the coordinator to know")
        assert status["leases"] == 0 and 0 < status["done"] < job.units
        fleet.start_worker()
        fleet.wait_until_done(submitted)
        assert fleet.deaths() == {}
    check_same(fleet.results / submitted, references["beam"], job.units)


def all_records(aggregator):
    """Receives the records of 1,000 units and returns their batches' numbers."""
    batches, units = [], set()
    while len(units) < 1000:
        batch = aggregator.receive("records")
        batches.append(batch["batch"])
        units |= {record["unit"] for record in batch["records"]}
    return batches


def test_its_finished_records_arrive_before_it_ends(tmp_path):
    context = zmq.Context()
    coordinator, aggregator = (Router(context, f"tcp://127.0.0.1:{port}") for port in free_ports(2, ["127.0.0.1"] * 2))
    worker = Program(tmp_path / "worker.log", BINARY, "worker", "--coordinator", coordinator.endpoint, "--model", "none",
                     "--grace", "60")
    try:
        coordinator.receive("hello")
        coordinator.send("welcome", heartbeat_seconds=0.2, aggregator=aggregator.endpoint)
        aggregator.receive("hello")
        aggregator.send("acknowledge", committed=[], refused=[], credit_bytes=1 << 20)
        spec, job = canonical(null_spec(1000, 8))
        coordinator.send("job", job=job, spec=spec, assets={})
        coordinator.send("lease", lease=1, job=job, units=[0, 1000], attempt=1)
        sent = all_records(aggregator)
        worker.process.terminate()
        coordinator.receive("goodbye")
        while aggregator.socket.poll(0):
            aggregator.socket.recv_multipart()
        # Nothing was acknowledged: it is still there, and sends all of it again when it is asked who it is.
        aggregator.send("identify")
        aggregator.receive("hello")
        batches = all_records(aggregator)
        assert batches == sent
        aggregator.send("acknowledge", committed=batches, refused=[], credit_bytes=1 << 20)
        aggregator.receive("goodbye")
        assert worker.wait() == 0
    finally:
        worker.stop()
        coordinator.socket.close()
        aggregator.socket.close()
        context.term()
