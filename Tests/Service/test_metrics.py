"""What /metrics says of what a coordinator was told: its aggregator and workers are played, so that all is known."""

import os
import re
import resource
import time
from pathlib import Path

import pytest
from histograms import check_histogram, histogram
from support import null_spec, wait_for

UNITS = 100
STATUSES = ("done", "failed", "skipped")


class Play:
    """A job on a coordinator whose aggregator and worker are played."""

    def __init__(self, fleet, name="played"):
        self.fleet = fleet
        self.aggregator, self.client = fleet.play("aggregator"), fleet.play()
        self.counts = dict.fromkeys(STATUSES, 0)
        self.job, answer = self.client.submit(null_spec(UNITS, 4, name))
        assert answer["type"] == "accepted"
        assert self.aggregator.receive("open")["job"] == self.job
        self.aggregator.send("opened", job=self.job, committed=[], problem="", **self.counts)
        self.is_so(f'sonarsweep_job_units{{job_id="{self.job}",status="remaining"}}', UNITS)

    def worker(self):
        worker = self.fleet.play("worker")
        assert worker.receive("welcome")
        return worker

    def lease(self, worker):
        worker.send("request", leases=1)
        return worker.receive("lease")

    def computed(self, worker, seconds, **work):
        """The worker takes a lease and says that it was computed."""
        lease = self.lease(worker)
        first, end = lease["units"]
        worker.send("computed", lease=lease["lease"], units=end - first, seconds=seconds, **work)

    def commit(self, first, end, **counts):
        for status, count in counts.items():
            self.counts[status] += count
        self.aggregator.send("committed", job=self.job, units=[first, end], **self.counts)

    def is_so(self, name, value):
        wait_for(lambda: self.fleet.metric(name) == value, f"{name} to be {value}, not {self.fleet.metric(name)}")


# Played


def test_what_workers_computed(patient):
    play = Play(patient)
    worker = play.worker()
    work = [
        {"encoded_tokens": 1000, "encode_seconds": 0.5, "decoded_tokens": 90, "decode_seconds": 1.5},
        # On a bound of a bucket, which belongs to it; nothing was decoded, so there is no rate.
        {"encoded_tokens": 500, "encode_seconds": 2.0, "decoded_tokens": 0, "decode_seconds": 0.0},
        # A worker without a model says nothing of it.
        {},
    ]
    seconds = [0.02, 1.0, 400.0]
    for lasted, done in zip(seconds, work):
        play.computed(worker, lasted, **done)
    play.is_so("sonarsweep_shard_duration_seconds_count", 3)
    samples = patient.metrics()
    check_histogram(samples, "sonarsweep_shard_duration_seconds", seconds)
    check_histogram(samples, "sonarsweep_encode_tokens_per_second", [2000, 250])
    check_histogram(samples, "sonarsweep_decode_tokens_per_second", [60])
    assert samples["sonarsweep_encoded_tokens_total"] == 1500
    assert samples["sonarsweep_decoded_tokens_total"] == 90


def test_what_the_aggregator_measured(patient):
    play = Play(patient)
    assert patient.metric("sonarsweep_results_size_bytes") is None, "nothing is known before it was measured"
    for commits, pending, free, refused in (
        ([0.001, 0.3], 5, 700, {"role": 2}), ([40.0], 7000, 600, {"role": 1, "malformed": 4, "of my own": 1})):
        play.aggregator.send("measured", commit_seconds=commits, pending_bytes=pending, disk_free_bytes=free,
                             disk_size_bytes=1000, refused=refused)
    play.is_so("sonarsweep_results_free_bytes", 600)
    samples = patient.metrics()
    check_histogram(samples, "sonarsweep_commit_duration_seconds", [0.001, 0.3, 40.0])
    assert samples["sonarsweep_aggregator_pending_bytes"] == 7000
    assert samples["sonarsweep_results_size_bytes"] == 1000
    refused = {name: value for name, value in samples.items() if name.startswith("sonarsweep_refused_total{") and value}
    assert refused == {'sonarsweep_refused_total{socket="aggregator",reason="role"}': 3,
                       'sonarsweep_refused_total{socket="aggregator",reason="malformed"}': 4}


def test_commits_and_what_remains(patient):
    play = Play(patient)
    assert patient.metric("sonarsweep_last_commit_timestamp_seconds") is None
    assert patient.metric("sonarsweep_units_remaining") == UNITS
    before = time.time()
    play.commit(0, 10, done=7, failed=2, skipped=1)
    play.commit(10, 15, done=5)
    play.is_so("sonarsweep_units_remaining", UNITS - 15)
    samples = patient.metrics()
    for status, count in (("done", 12), ("failed", 2), ("skipped", 1)):
        assert samples[f'sonarsweep_units_committed_total{{status="{status}"}}'] == count
        assert samples[f'sonarsweep_job_units{{job_id="{play.job}",status="{status}"}}'] == count
    assert samples[f'sonarsweep_job_units{{job_id="{play.job}",status="remaining"}}'] == UNITS - 15
    # A view may be a moment old, in which the clock may have been set by a little.
    assert before - 1 <= samples["sonarsweep_last_commit_timestamp_seconds"] <= time.time() + 1
    # A paused job is no reason for more workers.
    patient.ask(f"/api/v1/jobs/{play.job}/pause", "submit", method="POST")
    play.is_so("sonarsweep_units_remaining", 0)
    assert patient.metric('sonarsweep_jobs{phase="paused"}') == 1


def test_units_that_were_durable_before_are_no_commits(patient):
    aggregator, client = patient.play("aggregator"), patient.play()
    job, _ = client.submit(null_spec(UNITS, 4, "resumed"))
    assert aggregator.receive("open")
    aggregator.send("opened", job=job, committed=[0, 40], problem="", done=40, failed=0, skipped=0)
    wait_for(lambda: patient.metric("sonarsweep_units_remaining") == 60, "the store's word")
    assert patient.metric('sonarsweep_units_committed_total{status="done"}') == 0
    assert patient.metric(f'sonarsweep_job_units{{job_id="{job}",status="done"}}') == 40


def test_jobs_that_end(patient):
    play = Play(patient)
    play.commit(0, UNITS, done=UNITS)
    assert play.aggregator.receive("close")["job"] == play.job
    play.aggregator.send("closed", job=play.job, complete=True)
    play.is_so('sonarsweep_jobs_ended_total{phase="done"}', 1)
    cancelled, _ = play.client.submit(null_spec(UNITS, 4, "unwanted"))
    play.is_so("sonarsweep_units_remaining", UNITS)
    patient.ask(f"/api/v1/jobs/{cancelled}/cancel", "submit", method="POST")
    failing, _ = play.client.submit(null_spec(UNITS, 4, "failing"))
    assert wait_for(lambda: play.aggregator.receive("open")["job"] == failing, "the job to be opened")
    play.aggregator.send("opened", job=failing, committed=[], problem="it is broken", **dict.fromkeys(STATUSES, 0))
    play.is_so('sonarsweep_jobs_ended_total{phase="failed"}', 1)
    samples = patient.metrics()
    for phase in ("done", "failed", "cancelled"):
        assert samples[f'sonarsweep_jobs_ended_total{{phase="{phase}"}}'] == 1
        assert samples[f'sonarsweep_jobs{{phase="{phase}"}}'] == 1
    assert samples["sonarsweep_units_remaining"] == 0
    assert not [name for name in samples if name.startswith("sonarsweep_job_units")], "jobs that have ended have none"


def test_workers_and_leases(patient):
    play = Play(patient)
    idle, *working, drained = (play.worker() for _ in range(4))
    for worker in (*working, drained):
        assert play.lease(worker)
    patient.ask(f"/api/v1/workers/worker-{len(patient.peers)}/drain", "admin", method="POST")
    states = {"idle": 1, "working": 2, "draining": 1}
    for state, count in states.items():
        play.is_so(f'sonarsweep_workers{{state="{state}"}}', count)
    workers = patient.get("/api/v1/workers")["workers"]
    assert {worker["state"] for worker in workers} == set(states)
    assert patient.metric("sonarsweep_leases") == sum(len(worker["leases"]) for worker in workers) == 3
    idle.send("goodbye")
    play.is_so('sonarsweep_workers{state="idle"}', 0)
    assert patient.metric("sonarsweep_workers_lost_total") == 0, "it said goodbye"


def test_workers_that_fall_silent_and_leases_that_run_out(hasty):
    play = Play(hasty)
    # This one forgot its lease; until it has run out, it and the aggregator say that they are there.
    forgetful = play.worker()
    assert play.lease(forgetful)

    def beat(workers=(forgetful,)):
        for peer in (play.aggregator, *workers):
            peer.send("heartbeat", leases=[], wanted=0)
        return hasty.metrics()

    wait_for(lambda: beat()["sonarsweep_leases_expired_total"] == 1, "the lease to run out")
    assert beat()["sonarsweep_workers_lost_total"] == 0
    wait_for(lambda: beat(())["sonarsweep_workers_lost_total"] == 1, "the worker to be missed")
    samples = beat(())
    assert samples["sonarsweep_leases_expired_total"] == 1 and samples["sonarsweep_leases"] == 0
    assert sum(samples[f'sonarsweep_workers{{state="{state}"}}'] for state in ("idle", "working", "draining")) == 0
    assert samples["sonarsweep_aggregator_up"] == 1
    wait_for(lambda: hasty.metric("sonarsweep_aggregator_up") == 0, "the aggregator to be missed")


def test_an_aggregator_that_cannot_write(patient):
    wait_for(lambda: patient.metric("sonarsweep_aggregator_up") == 0, "the fleet to be shown without an aggregator")
    play = Play(patient)
    play.is_so("sonarsweep_aggregator_up", 1)
    assert patient.metric("sonarsweep_storage_problem") == 0
    play.aggregator.send("storage", problem="the disk is full")
    play.is_so("sonarsweep_storage_problem", 1)
    play.aggregator.send("heartbeat", leases=[], wanted=0)
    play.is_so("sonarsweep_storage_problem", 0)
    play.aggregator.send("goodbye")
    play.is_so("sonarsweep_aggregator_up", 0)


def test_malformed_messages(patient):
    peer = patient.play()
    for frame in (b"\xc1", b"no message", b""):
        peer.socket.send(frame)
    wait_for(lambda: patient.metric('sonarsweep_refused_total{socket="coordinator",reason="malformed"}') == 3,
             "what is no message to be counted")


# HTTP and the process


def test_http_requests(patient):
    """Each of them, by its route and how it was answered."""
    asked = {
        ("GET", "/api/v1/jobs", "200"): 3, ("POST", "/api/v1/jobs", "403"): 1, ("GET", "/api/v1/jobs/{job}", "404"): 2,
        ("GET", "/api/v1/workers", "401"): 4, ("DELETE", "other", "405"): 1, ("GET", "other", "404"): 1}
    for _ in range(3):
        assert patient.code("/api/v1/jobs") == 200
    for job in ("one", "another"):
        assert patient.code(f"/api/v1/jobs/{job}") == 404
    for token in ("not-a-token", "x" * 1000, patient.tokens["read"][:-1], patient.tokens["read"].upper()):
        assert patient.code("/api/v1/workers", token=token) == 401
    assert patient.code("/api/v1/jobs", "read", data=b"name: refused") == 403
    assert patient.code("/api/v1/jobs", method="DELETE") == 405
    assert patient.code("/nothing/of/the/sort") == 404
    samples = patient.metrics()
    told = {found.groups(): value for name, value in samples.items() if (
        found := re.fullmatch(r'sonarsweep_http_requests_total{method="(.*)",route="(.*)",code="(.*)"}', name))}
    assert told == asked
    durations = {}
    for (_, route, _), count in asked.items():
        durations[route] = durations.get(route, 0) + count
    for route, count in durations.items():
        counts, seconds = histogram(samples, "sonarsweep_http_request_duration_seconds", f'route="{route}",')
        assert sum(counts.values()) == count and seconds > 0
    refused = {name: value for name, value in samples.items() if name.startswith("sonarsweep_http_refused_total")}
    assert refused == {'sonarsweep_http_refused_total{reason="unauthenticated"}': 4,
                       'sonarsweep_http_refused_total{reason="forbidden"}': 1}
    # The request before is counted by now.
    assert patient.metric('sonarsweep_http_requests_total{method="GET",route="/metrics",code="200"}') == 1


def test_the_process(patient):
    process = Path(f"/proc/{patient.coordinator.pid}")
    samples = patient.metrics()
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    boot = int(re.search(r"^btime (\d+)$", Path("/proc/stat").read_text(), re.M)[1])
    assert samples["process_start_time_seconds"] == pytest.approx(boot + int(fields[19]) / ticks, abs=1)
    assert 0 < samples["process_cpu_seconds_total"] <= (int(fields[11]) + int(fields[12]) + 2) / ticks
    resident = int((process / "statm").read_text().split()[1]) * resource.getpagesize()
    assert samples["process_resident_memory_bytes"] == pytest.approx(resident, rel=0.3)
    limit = re.search(r"^Max open files +(\d+)", (process / "limits").read_text(), re.M)
    assert samples["process_max_fds"] == int(limit[1])

    # It opens and closes some while it answers.
    def descriptors():
        return patient.metric("process_open_fds") - len(list((process / "fd").iterdir()))

    wait_for(lambda: abs(descriptors()) <= 2, "the open descriptors to agree")
    assert f'sonarsweep_build_info{{version="{patient.get("/api/v1/fleet")["version"]}"}}' in samples


def test_the_log_names_who_was_refused(patient):
    """In few lines, however often."""
    for _ in range(50):
        assert patient.code("/metrics", token="not-a-token") == 401
    log = patient.coordinator.log
    line = "refused an HTTP request from 127.0.0.1: this token is not known"
    wait_for(lambda: line in log.read_text(), f"'{line}' in the log")
    assert log.read_text().count("refused an HTTP request") < 10
    assert patient.metric('sonarsweep_http_refused_total{reason="unauthenticated"}') == 50
