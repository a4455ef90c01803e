"""The scripts of deploy/slurm on a real Slurm: jobs run to their end whatever is cancelled, queued again and preempted."""

import contextlib
import os
import signal
from pathlib import Path

import pytest
import zmq
from slurm import HOST, SCRIPTS
from stores import check_null
from support import BINARY, Peer, committed, null_spec, only_store, query, read_key, wait_for

# Of one job, of which there are as many as the fleet needs to be at work: some seconds on a fast machine.
UNITS, WIDTH = 600_000, 4
DEADLINE = 120


class SlurmFleet:
    """A coordinator job, an array of two tasks with two workers each, and a client."""

    def __init__(self, cluster, directory):
        self.cluster = cluster
        self.directory = directory
        self.context = zmq.Context()
        self.client = None
        self.endpoint = None
        # Each job's number of units.
        self.jobs = {}
        variables = {"FLEET": directory, "SONARSWEEP": BINARY}
        # Every node of the cluster is this machine.
        self.head = cluster.sbatch(SCRIPTS / "coordinator.sbatch", "--job-name=head", "--cpus-per-task=1", "--mem=500M",
                                   f"--output={directory}/head.log", FLEET_ADDRESS=HOST, FLEET_INTERFACE=HOST, **variables)
        self.workers = cluster.sbatch(SCRIPTS / "worker.sbatch", "--array=1-2", "--cpus-per-task=2", "--mem-per-cpu=300M",
                                      "--job-name=workers", f"--output={directory}/worker-%a.log",
                                      WORKER_OPTIONS="--model none", WORKER_GRACE=3, **variables)

    def task(self, number):
        return f"{self.workers}_{number}"

    def log(self, name):
        file = self.directory / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def logs(self):
        return "\n".join(f"== {name}\n{self.log(name)[-3000:]}" for name in ("head", "worker-1", "worker-2"))

    def connect(self):
        """A client of where the coordinator is now."""
        file = self.directory / "coordinator"
        wait_for(file.exists, "the coordinator to say where it is", 60)
        if (endpoint := file.read_text().strip()) != self.endpoint:
            if self.client:
                self.client.socket.close()
            self.endpoint = endpoint
            self.client = Peer(self.context, endpoint, read_key(self.directory / "keys/client.key"))
        return self.client

    def status(self, job):
        return self.connect().status(job)

    @staticmethod
    def has_ended(status):
        # A coordinator that came back knows only jobs that have not ended.
        return status["type"] == "rejected" or status["phase"] == "done"

    def submit(self):
        """A job like none before, once it is taken: asked for again where a coordinator goes away meanwhile."""
        units = UNITS + len(self.jobs)

        def answer():
            client = self.connect()
            job = client.ask_to_submit(null_spec(units, WIDTH))
            answer = client.receive("accepted", "rejected", deadline=5)
            return answer and (job, answer)

        job, said = wait_for(answer, "a job to be taken", 60)
        assert said["type"] == "accepted", said
        self.jobs[job] = units
        return job

    def compute(self):
        """A new job, at work: its first units are committed."""
        job = self.submit()

        def has_begun():
            status = self.status(job)
            return status and (self.has_ended(status) or status["done"])

        wait_for(has_begun, f"units of {job}", 60)

    def check_all(self):
        """Every unit of every job is there once."""
        for job, units in self.jobs.items():
            wait_for(lambda: (status := self.status(job)) and self.has_ended(status), f"{job} to be done", DEADLINE)  # noqa: B023
            store = self.directory / "results" / job
            assert query(store, "SELECT count(*), min(unit), max(unit) FROM units WHERE status = 'done'") == [
                (units, 0, units - 1)]
            assert query(store, "SELECT count(*) FROM divergences") == [(0,)]
            check_null(store, units, WIDTH)

    def close(self):
        # Workers first, which else would wait for commits.
        self.cluster.cancel(self.workers)
        self.cluster.cancel(self.head)
        if self.client:
            self.client.socket.close()
        self.context.term()


@pytest.fixture
def fleet(cluster, tmp_path):
    fleet = SlurmFleet(cluster, tmp_path)
    yield fleet
    # What pytest shows if the test failed.
    print(cluster.situation(), fleet.logs(), sep="\n")
    fleet.close()


def test_cancelled_requeued_and_preempted_jobs_lose_nothing(cluster, fleet):
    fleet.submit()
    for name in ("worker-1", "worker-2"):
        wait_for(lambda: "took this worker in" in fleet.log(name), "both tasks to have workers")  # noqa: B023
    fleet.compute()
    first, second = fleet.task(1), fleet.task(2)

    # What comes a minute before the time limit: units are given back, and this task alone is queued again.
    cluster.run("scancel", "--batch", "--signal=USR1", second)
    wait_for(lambda: "queueing this task again" in fleet.log("worker-2"), "the task to end", 30)
    fleet.compute()
    cluster.wait_for_restart(second, 1)
    assert cluster.field(first, "Restarts") == "0"

    # The coordinator's job is taken away and comes back; the workers find it.
    former = fleet.endpoint
    cluster.run("scontrol", "requeue", fleet.head)
    cluster.wait_for_restart(fleet.head, 1)
    wait_for(lambda: fleet.connect() and fleet.endpoint != former, "the coordinator to be elsewhere", 30)
    fleet.compute()

    # A task is cancelled for good.
    cluster.run("scancel", first)
    wait_for(lambda: "stopping" in fleet.log("worker-1"), "the task to end", 30)
    fleet.compute()

    # All nodes are taken by a job of a higher priority; both jobs come back by themselves.
    urgent = cluster.sbatch(write_script(fleet.directory, "true"), "--partition=high", "--nodes=3", "--exclusive")
    cluster.wait_for_state(urgent, "COMPLETED")
    cluster.wait_for_restart(fleet.head, 2)
    cluster.wait_for_restart(second, 2)
    fleet.check_all()


def test_a_process_that_dies_is_started_again_within_its_job(cluster, fleet):
    fleet.compute()
    for role in ("coordinator", "aggregator", "worker"):
        kill_one(role, fleet.directory)
        fleet.compute()
    fleet.check_all()
    assert cluster.state(fleet.head) == "RUNNING" and cluster.field(fleet.head, "Restarts") == "0"


def kill_one(role, directory):
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_text().split("\0")
            if command[:2] == [str(BINARY), role] and any(str(directory) in part for part in command):
                os.kill(int(process.name), signal.SIGKILL)
                return
    raise AssertionError(f"no {role} runs")


def write_script(directory, command):
    script = directory / "urgent.sh"
    script.write_text(f"#!/bin/sh\n{command}\n")
    return script


ONE_NODE = """
name: slurm
sweep: {kind: null-probe, units: 400000, dim: 4}
model: none
"""


def test_a_job_on_one_node_goes_on_where_it_stood(cluster, tmp_path):
    file = tmp_path / "job.yaml"
    file.write_text(ONE_NODE)
    job = cluster.sbatch(SCRIPTS / "run.sbatch", "--cpus-per-task=2", "--mem-per-cpu=500M", f"--output={tmp_path}/run.log",
                         arguments=[file], SONARSWEEP=BINARY, RESULTS=tmp_path / "results")
    wait_for(lambda: committed(tmp_path / "results") > 0, "units")
    cluster.run("scancel", "--batch", "--signal=USR1", job)
    wait_for(lambda: cluster.field(job, "Restarts") == "1", "the job to be queued again", 60)
    before = committed(tmp_path / "results")
    cluster.wait_for_restart(job, 1)
    cluster.wait_for_state(job, "COMPLETED", "FAILED", deadline=DEADLINE)
    assert cluster.field(job, "ExitCode") == "0:0", (tmp_path / "run.log").read_text()
    assert 0 < before < 400_000, "the job must be longer"
    check_null(only_store(tmp_path / "results"), 400_000, WIDTH)
