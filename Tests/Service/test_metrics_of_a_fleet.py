"""What /metrics says of a real fleet against its stores, its interface and the system."""

import json
import shutil
import sys
import time

import pytest
import zmq
from histograms import histogram
from monitored import MonitoredFleet, ran
from support import REPOSITORY, null_spec, query, wait_for

STATUSES = ("done", "failed", "skipped")
# Starts with `python_worker` importable, wherever pytest runs.
ODD_WORKER = ("env", f"PYTHONPATH={REPOSITORY / 'Tests/Conformance'}", sys.executable,
              REPOSITORY / "Tests/Chaos/odd_worker.py")
# The most tokens a decode of it has.
LONGEST = 8
POSITION = """
name: counted
sweep:
  kind: position
  language: eng_Latn
  tokens: {ids: {from: 100, to: 104}}
  fillers: [_, the]
  lengths: [5, 9]
decode:
  languages: [eng_Latn, spa_Latn]
  max_tokens: 8
"""
LABELLED = """
name: labelled
sweep: {kind: labelled, file: corpus.tsv, language: eng_Latn}
"""
# The last is more than the encoder takes.
TEXTS = [f"{'the dog sleeps ' * (400 if i == 7 else 1)}{i}" for i in range(8)]


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A fleet with keys that has done a job whose units are done and skipped, and one in which some have failed."""
    with MonitoredFleet(tmp_path_factory.mktemp("worked"), keys=True) as fleet:
        fleet.start_aggregator()
        # One, so that nothing is computed twice.
        fleet.start_worker()
        fleet.run_job(POSITION)
        corpus = "eng_Latn\tlabel\n" + "".join(f"{text}\t{i % 2}\n" for i, text in enumerate(TEXTS))
        fleet.run_job(LABELLED, {"corpus.tsv": corpus})
        yield fleet


def stored(fleet, sql):
    """The first column of a query's rows, over all of the fleet's stores."""
    return [row[0] for path in fleet.results.glob("*/catalogue.sqlite") for row in query(path.parent, sql)]


def test_units_are_those_of_the_stores_and_of_the_interface(worked):
    samples = worked.metrics()
    jobs = worked.get("/api/v1/jobs")["jobs"]
    assert len(stored(worked, "SELECT 1")) == len(jobs) == samples['sonarsweep_jobs_ended_total{phase="done"}'] == 2
    for status in STATUSES:
        units = sum(stored(worked, f"SELECT count(*) FROM units WHERE status = '{status}'"))
        assert units == sum(job[status] for job in jobs) > 0
        assert samples[f'sonarsweep_units_committed_total{{status="{status}"}}'] == units

    def computed():
        (worker,) = worked.get("/api/v1/workers")["workers"]
        return worker["units_computed"] == sum(job["units"] for job in jobs)

    wait_for(computed, "the last shard's account")


def test_tokens_are_those_of_the_stores(worked):
    """What the encoder took in are the sequences with language token and `</s>`; what the decoder wrote has its `</s>`,
    unless it was cut off."""
    embedded = sum((length + 2) * count for length, count in ((5, 5 * 2 * 5), (9, 5 * 2 * 9)))
    for text in TEXTS[:-1]:
        (read,) = json.loads(ran("tokenize", text, "--language", "eng_Latn", "--output", "json"))
        embedded += len(read["ids"])
    written = [len(json.loads(ids)) for ids in stored(worked, "SELECT token_ids FROM decodes")]
    assert len(written) == 2 * (5 + 9) * 5 * 2
    assert min(written) < LONGEST and max(written) == LONGEST
    wait_for(lambda: worked.metric("sonarsweep_encoded_tokens_total") == embedded, f"{embedded} encoded tokens")
    wait_for(lambda: worked.metric("sonarsweep_decoded_tokens_total") == sum(written), f"{sum(written)} decoded tokens")


def test_histograms_count_the_same_shards_and_commits(worked):
    wait_for(lambda: worked.metric("sonarsweep_commit_duration_seconds_count") > 0, "the aggregator's measurements")
    samples = worked.metrics()
    shards, busy = histogram(samples, "sonarsweep_shard_duration_seconds")
    encoded, _ = histogram(samples, "sonarsweep_encode_tokens_per_second")
    decoded, _ = histogram(samples, "sonarsweep_decode_tokens_per_second")
    _, committing = histogram(samples, "sonarsweep_commit_duration_seconds")
    # A shard whose sequences were encoded with those of the one before has no rate of its own.
    for rates in (encoded, decoded):
        assert 1 <= sum(rates.values()) <= sum(shards.values())
    # A unit's own time is part of its shard's.
    spent = sum(stored(worked, "SELECT seconds FROM units"))
    assert 0 < spent <= busy * 1.01
    assert committing > 0


def test_the_disk_is_the_one_of_the_results(worked):
    def agree():
        told, disk = worked.metrics(), shutil.disk_usage(worked.results)
        assert told["sonarsweep_results_size_bytes"] == disk.total
        # Others write to it as well.
        return abs(told["sonarsweep_results_free_bytes"] - disk.free) < 1e-3 * disk.total

    wait_for(agree, "the free space to agree")


def test_shards_are_those_the_workers_were_given(patient):
    patient.start_aggregator()
    workers = [patient.program("odd", *ODD_WORKER, patient.endpoint) for _ in range(2)]
    wait_for(lambda: patient.metric('sonarsweep_workers{state="idle"}') == 2, "the workers")
    client = patient.play()
    job, _ = client.submit(null_spec(5000, 4, "shards"))
    client.wait_until_done(job)

    def accounted():
        return sum(worker["units_computed"] for worker in patient.get("/api/v1/workers")["workers"]) == 5000

    wait_for(accounted, "the last shards' accounts")
    count = patient.metric("sonarsweep_shard_duration_seconds_count")
    for worker in workers:
        worker.process.terminate()
    leases = [line.split() for worker in workers for line in worker.process.stdout if line.startswith("lease")]
    assert sum(int(end) - int(first) for _, first, end, _ in leases) == 5000
    assert count == len(leases)


def test_units_that_kill_workers(hasty):
    """Counts are those of whoever starts the workers again, and of the store."""
    hasty.start_aggregator()
    worker, deaths = None, 0
    job, _ = hasty.play().submit(null_spec(60, 4, "poison"))
    wait_for(lambda: hasty.code(f"/api/v1/jobs/{job}") == 200, "the job to be shown")
    while hasty.get(f"/api/v1/jobs/{job}")["phase"] != "done":
        if worker is None or not worker.is_running():
            deaths += worker is not None
            worker = hasty.program("odd", *ODD_WORKER, "--kill", 37, hasty.endpoint)
        time.sleep(0.05)
    assert query(hasty.results / job, "SELECT unit, code FROM errors") == [(37, "quarantined")]
    samples = hasty.metrics()
    assert samples["sonarsweep_units_quarantined_total"] == 1
    assert samples['sonarsweep_units_committed_total{status="failed"}'] == 1
    assert samples['sonarsweep_units_committed_total{status="done"}'] == 59
    assert samples["sonarsweep_workers_lost_total"] == deaths >= 3


def test_refusals_at_the_sockets(tmp_path):
    """Of who has no key, a strange one, another server's, and of who says what its role may not."""
    with MonitoredFleet(tmp_path, keys=True) as fleet:
        fleet.start_aggregator()
        public, secret, other = (key.decode() for key in (*zmq.curve_keypair(), zmq.curve_keypair()[0]))
        stranger = {"public-key": public, "secret-key": secret, "server-key": fleet.server_key}
        # Without a key, either side may be the first to find that the other wants something else.
        strange = {("unknown-key",): stranger, ("wrong-server",): {**stranger, "server-key": other},
                   ("plain", "handshake"): None}
        client_key = fleet.add_key("client", "client")

        def refused(socket, *reasons):
            samples = fleet.metrics()
            names = [f'sonarsweep_refused_total{{socket="{socket}",reason="{reason}"}}' for reason in reasons]
            return sum(samples[name] for name in names)

        for socket, endpoint in (("coordinator", fleet.endpoint), ("aggregator", fleet.aggregator_endpoint)):
            for key in strange.values():
                fleet.play(endpoint=endpoint, key=key, once=True)
            fleet.play("worker", endpoint, key=client_key)
            for reasons in (*strange, ("role",)):
                wait_for(lambda: refused(socket, *reasons) == 1, f"one refusal at the {socket}: {reasons}")
        total = sum(value for name, value in fleet.metrics().items() if name.startswith("sonarsweep_refused_total"))
        assert total == 8
