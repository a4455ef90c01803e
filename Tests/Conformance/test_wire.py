"""The bytes real processes send are those of PROTOCOL.md, and no bytes do them harm."""

import random
import re
import socket

import msgpack
import numpy as np
import pytest
from support import MODEL, canonical, fingerprint, json_rows, null_spec, pack, position_spec, query

MODELS = {"none": ("none", ""), str(MODEL): ("sonar-mini", fingerprint())}
CREDIT = {"committed": [], "refused": [], "credit_bytes": 1 << 20}


@pytest.mark.parametrize("model", MODELS, ids=["none", "sonar-mini"])
def test_a_workers_hello(fleet, model):
    coordinator = fleet.router("coordinator")
    worker = fleet.worker(model)
    hello = coordinator.receive("hello")
    assert len(coordinator.frames) == 2, "the routing id, then one frame"
    assert coordinator.frames[0][0] == 0, "the routing id is one that libzmq made"
    assert coordinator.frames[1] == msgpack.packb(dict(sorted(hello.items())))
    instance, name, endpoint = hello.pop("instance"), hello.pop("name"), hello.pop("endpoint")
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", instance)
    assert name == f"{socket.gethostname()}:{worker.pid}"
    assert endpoint == ""
    known, its_fingerprint = MODELS[model]
    assert hello == {"v": 1, "type": "hello", "role": "worker", "model": known, "fingerprint": its_fingerprint}


def test_a_workers_heartbeats_keep_time(fleet):
    coordinator = fleet.router("coordinator")
    fleet.worker("none")
    coordinator.receive("hello")
    # No aggregator yet: the worker greets until it is told of one.
    coordinator.send("welcome", heartbeat_seconds=0.2, aggregator="")
    assert coordinator.receive("hello", deadline=1.5)["role"] == "worker"
    coordinator.send("welcome", heartbeat_seconds=0.2, aggregator=fleet.address("aggregator"))
    for _ in range(5):
        assert coordinator.receive("heartbeat", deadline=1.5) == {
            "v": 1, "type": "heartbeat", "leases": [], "wanted": 0}
    coordinator.send("identify")
    assert coordinator.receive("hello")["role"] == "worker"


def test_a_worker_ends_when_it_is_refused(fleet):
    coordinator = fleet.router("coordinator")
    worker = fleet.worker("none")
    coordinator.receive("hello")
    coordinator.send("refused", reason="no such model here")
    assert worker.wait() == 1
    assert "no such model here" in worker.log.read_text()


def test_a_workers_records(fleet):
    coordinator, aggregator = fleet.router("coordinator"), fleet.router("aggregator")
    worker = fleet.worker(MODEL)
    hello = coordinator.receive("hello")
    coordinator.send("welcome", heartbeat_seconds=0.2, aggregator=aggregator.endpoint)
    assert aggregator.receive("hello") == hello
    aggregator.send("acknowledge", **CREDIT)
    assert coordinator.receive("request") == {"v": 1, "type": "request", "leases": 1}

    decode = {"languages": ["eng_Latn", "spa_Latn"], "method": {"beam": 2}, "max_tokens": 16}
    spec, job = canonical(position_spec(["dog", "cat"], ["_"], 5, decode, positions=[0, 4]))
    coordinator.send("job", job=job, spec=spec, assets={})
    coordinator.send("lease", lease=7, job=job, units=[1, 3], attempt=2)
    records, batches = {}, []
    while len(records) < 2:
        batch = aggregator.receive("records")
        assert batch.keys() == {"v", "type", "batch", "job", "fingerprint", "records"}
        assert (batch["v"], batch["job"], batch["fingerprint"]) == (1, job, fingerprint())
        batches.append((batch["batch"], aggregator.frames[1]))
        records |= {record["unit"]: record for record in batch["records"]}
    assert [number for number, _ in batches] == list(range(1, len(batches) + 1))

    computed = coordinator.receive("computed")
    assert {key: computed[key] for key in ("lease", "units")} == {"lease": 7, "units": 2}
    assert 0 < computed["seconds"] < 30

    # Unit 1 is (dog, _, 4), unit 2 (cat, _, 0).
    contents = {1: ["_", "_", "_", "_", "dog"], 2: ["cat", "_", "_", "_", "_"]}
    encoded, _ = json_rows("encode", [{"pieces": contents[u], "language": "eng_Latn"} for u in (1, 2)])
    wanted = [{"embedding": e["embedding"], "language": l, "beam": 2, "max_tokens": 16}
              for e in encoded for l in decode["languages"]]
    decoded, _ = json_rows("decode", wanted)
    for unit, own, answers in zip((1, 2), encoded, (decoded[:2], decoded[2:])):
        record = records[unit]
        assert record.keys() == {"unit", "attempt", "seconds", "status", "embedding", "states", "decodes"}
        assert (record["status"], record["attempt"]) == ("done", 2)
        assert 0 < record["seconds"] < 30
        assert isinstance(record["embedding"], bytes)
        embedding = np.frombuffer(record["embedding"], "<f4")
        assert embedding.tobytes() == np.array(own["embedding"], "<f4").tobytes()
        expected = own["ids"][1:]
        for language, found, answer in zip(decode["languages"], record["decodes"], answers, strict=True):
            assert found.keys() == {"language", "text", "ids", "log_probability", "score", "expectation"}
            assert (found["language"], found["ids"], found["text"]) == (language, answer["ids"], answer["text"])
            assert np.float32(found["log_probability"]) == np.float32(answer["log_probability"])
            assert np.float32(found["score"]) == np.float32(answer["hypotheses"][0]["score"])
            if language == "eng_Latn":
                assert found["expectation"].keys() == {"text", "tokens", "errors"}
                assert found["expectation"]["tokens"] == len(expected)
                assert (found["expectation"]["errors"] == 0) == (found["ids"] == expected)
            else:
                assert found["expectation"] is None

    # An aggregator that forgot the worker gets hello and the same batches again, until it acknowledges them.
    aggregator.send("identify")
    assert aggregator.receive("hello") == hello
    for number, frame in batches:
        assert aggregator.receive("records")["batch"] == number
        assert aggregator.frames[1] == frame
    aggregator.send("acknowledge", **{**CREDIT, "committed": [number for number, _ in batches]})
    aggregator.send("identify")
    assert aggregator.receive("hello") == hello
    assert aggregator.receive("records", "heartbeat")["type"] == "heartbeat"

    worker.process.terminate()
    assert coordinator.receive("goodbye") == {"v": 1, "type": "goodbye"}
    assert aggregator.receive("goodbye") == {"v": 1, "type": "goodbye"}
    assert worker.wait() == 0


def test_a_skipped_and_a_failed_unit(fleet):
    coordinator, aggregator = fleet.router("coordinator"), fleet.router("aggregator")
    fleet.worker(MODEL)
    coordinator.receive("hello")
    coordinator.send("welcome", heartbeat_seconds=1, aggregator=aggregator.endpoint)
    aggregator.receive("hello")
    aggregator.send("acknowledge", **CREDIT)
    # Lengths 1 and 600, position 3: beyond the first sequence's end; too long a sequence.
    changes = {"lengths": [1, 600], "has_length_axis": True, "positions": [3]}
    spec, job = canonical(position_spec(["dog"], ["_"], 0, **changes))
    coordinator.send("job", job=job, spec=spec, assets={})
    coordinator.send("lease", lease=1, job=job, units=[0, 2], attempt=1)
    records = {}
    while len(records) < 2:
        records |= {record["unit"]: record for record in aggregator.receive("records")["records"]}
    assert records[0].keys() == {"unit", "attempt", "seconds", "status"}
    assert records[0]["status"] == "skipped"
    assert records[1].keys() == {"unit", "attempt", "seconds", "status", "code", "message"}
    assert (records[1]["status"], records[1]["code"]) == ("failed", "too-long")


def test_credit_holds_a_worker_back(fleet):
    coordinator, aggregator = fleet.router("coordinator"), fleet.router("aggregator")
    fleet.worker("none")
    coordinator.receive("hello")
    coordinator.send("welcome", heartbeat_seconds=0.2, aggregator=aggregator.endpoint)
    aggregator.receive("hello")
    spec, job = canonical(null_spec(1000, 1024))
    coordinator.send("job", job=job, spec=spec, assets={})
    coordinator.send("lease", lease=1, job=job, units=[0, 1000], attempt=1)
    # No credit yet: the worker greets in place of heartbeats, and sends no records.
    for _ in range(2):
        assert aggregator.receive("records", "hello")["type"] == "hello"
    aggregator.send("acknowledge", **{**CREDIT, "credit_bytes": 1})
    first = aggregator.receive("records")
    for _ in range(2):
        assert aggregator.receive("records", "heartbeat")["type"] == "heartbeat"
    while coordinator.receive("heartbeat")["leases"] != [1]:
        pass
    units = [record["unit"] for record in first["records"]]
    acknowledged = [first["batch"]]
    while len(units) < 1000:
        aggregator.send("acknowledge", committed=acknowledged, refused=[], credit_bytes=1 << 20)
        batch = aggregator.receive("records")
        units += [record["unit"] for record in batch["records"]]
        acknowledged = [batch["batch"]]
    assert sorted(units) == list(range(1000))


# Garbage


def huge_claims():
    """Headers that claim far more than follows."""
    for header in (b"\xdd", b"\xdf", b"\xc6", b"\xdb"):
        for count in (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x10\x00\x01"):
            yield header + count
            yield b"\x83\xa1v\x01\xa4type\xa9heartbeat\xa6leases" + header + count
    yield b"\x91" * 100_000
    yield b"\x81\xa1a" * 100_000
    yield b"\xdd\x00\x20\x00\x00" + b"\x00" * 0x200000
    yield pack("heartbeat", leases=[0] * (1 << 20))


def malformed():
    random_ = random.Random(20260101)
    for _ in range(2000):
        yield random_.randbytes(random_.randrange(200))
    for message in valid_messages():
        frame = pack(**message)
        for length in range(len(frame)):
            yield frame[:length]
        yield frame + b"\xc0"
        for _ in range(50):
            damaged = bytearray(frame)
            for _ in range(random_.randrange(1, 4)):
                damaged[random_.randrange(len(damaged))] = random_.randrange(256)
            yield bytes(damaged)
        for version in (0, 2, -1, 1 << 63, 1.0, "1", None, True, [1]):
            yield msgpack.packb({**message, "v": version})
        yield msgpack.packb(message)
        for key in message:
            yield msgpack.packb({"v": 1, **{k: v for k, v in message.items() if k != key}})
            for value in (None, -1, 1 << 63, (1 << 64) - 1, 1.5, True, "x" * 70_000, b"x", [], [[]], {}, {"a": 1}):
                yield msgpack.packb({"v": 1, **message, key: value})
    yield pack("no-such-message")
    yield b"\x83\xa1v\x01\xa4type\xa7goodbye\xa1v\x01"  # a key twice
    yield b"\x82\xa1v\x01\x01\x02"  # a key that is no string
    yield b"\x82\xa1v\x01\xa4type\xa2\xff\xfe"  # not UTF-8
    yield msgpack.packb({"v": 1, "type": "heartbeat", "leases": [msgpack.ExtType(5, b"abc")]})
    yield msgpack.packb({"v": 1, "type": "heartbeat", "leases": [msgpack.Timestamp(1)]})
    yield from huge_claims()


def valid_messages():
    spec, job = canonical(null_spec(10, 4))
    payload = {"job": job, "spec": spec, "assets": {"0" * 64: b"abc"}}
    counts = {"done": 1, "failed": 0, "skipped": 0}
    record = {"unit": 1, "attempt": 1, "seconds": 0.5, "status": "done", "embedding": bytes(16), "states": [],
              "decodes": []}
    return [
        {"type": "hello", "role": "client", "instance": "garbage", "name": "", "model": "", "fingerprint": "",
         "endpoint": ""},
        {"type": "heartbeat", "leases": [1, 2]},
        {"type": "goodbye"},
        {"type": "request", "leases": 1},
        {"type": "computed", "lease": 1, "units": 1, "seconds": 0.1},
        {"type": "records", "batch": 1, "job": job, "fingerprint": "", "records": [record]},
        {"type": "acknowledge", "committed": [1], "refused": [{"batch": 2, "reason": ""}], "credit_bytes": 5},
        {"type": "submit", **payload},
        {"type": "open", **payload},
        {"type": "opened", "job": job, "committed": [0, 5], "problem": "", **counts},
        {"type": "committed", "job": job, "units": [0, 5], **counts},
        {"type": "lease", "lease": 1, "job": job, "units": [0, 5], "attempt": 1},
        {"type": "close", "job": job},
        {"type": "status_request", "job": job},
        {"type": "storage", "problem": "none"},
        {"type": "computed", "lease": 1, "units": 1, "seconds": 0.1, "encoded_tokens": 2**63, "encode_seconds": 0.1,
         "decoded_tokens": 2**63, "decode_seconds": 0.1},
        {"type": "measured", "commit_seconds": [0.1, float("nan")], "pending_bytes": 1, "disk_free_bytes": 1,
         "disk_size_bytes": 2, "refused": {"malformed": 2**63}},
    ]


@pytest.mark.parametrize("known", [False, True], ids=["stranger", "known worker"])
def test_garbage_does_no_harm(fleet, tmp_path, known):
    coordinator = fleet.coordinator()
    aggregator = fleet.aggregator(tmp_path / "results")
    # A job is open while the garbage comes.
    client = fleet.peer("coordinator")
    job, _ = client.submit(null_spec(2000, 8))
    for name in ("coordinator", "aggregator"):
        for i, frame in enumerate(malformed()):
            if i % 500 == 0:
                peer = fleet.peer(name)
                if known:
                    peer.hello("worker", f"garbage-{i}")
                    assert peer.receive("welcome", "acknowledge")
            peer.socket.send(frame)
            while peer.socket.poll(0):
                peer.socket.recv_multipart()
        for frames in ([b""], [b"", b""], [b"a", b"b", b"c"], [b"", pack("goodbye")]):
            peer.socket.send_multipart(frames)
        # Everything sent on this connection was read when this is answered.
        peer.hello("worker", "garbage-end")
        assert peer.receive("welcome", "acknowledge"), f"the {name} does not answer"
        peer.send("goodbye")
    assert coordinator.is_running() and aggregator.is_running()

    worker = fleet.worker("none")
    status = client.wait_until_done(job)
    assert (status["done"], status["failed"], status["skipped"]) == (2000, 0, 0)
    assert worker.is_running()
    store = tmp_path / "results" / job
    assert query(store, "SELECT count(*), min(unit), max(unit) FROM units") == [(2000, 0, 1999)]
    assert query(store, "PRAGMA integrity_check") == [("ok",)]


def test_a_frame_above_the_limit_ends_its_connection_only(fleet):
    coordinator = fleet.coordinator()
    peer, client = fleet.peer("coordinator"), fleet.peer("coordinator")
    peer.socket.send(bytes((64 << 20) + 1))
    job, answer = client.submit(null_spec(5, 1))
    assert answer["type"] == "accepted"
    assert client.status(job)["phase"] == "opening"
    assert coordinator.is_running()


def test_the_specifications_example_is_a_heartbeat():
    frame = bytes.fromhex("84 a6 6c6561736573 91 07 a4 74797065 a9 686561727462656174 a1 76 01 a6 77616e746564 01")
    assert frame == msgpack.packb({"leases": [7], "type": "heartbeat", "v": 1, "wanted": 1})


def test_key_order_number_formats_and_unknown_fields_are_free(fleet):
    fleet.coordinator()
    peer = fleet.peer("coordinator")
    version = b"\xcf" + bytes(7) + b"\x01"  # 1 in nine bytes
    fields = {"role": "worker", "instance": "free", "name": "", "model": "", "fingerprint": "", "endpoint": "",
              "type": "hello", "later": {"a": [1, None, 2.5]}}
    body = b"".join(msgpack.packb(part) for pair in fields.items() for part in pair)
    peer.socket.send(bytes([0x80 + len(fields) + 1]) + body + msgpack.packb("v") + version)
    assert peer.receive()["type"] == "welcome"
    # float 32 and integers where a float is meant; a heartbeat gets no answer, identify would mean it was not known.
    peer.socket.send(msgpack.packb({"v": 1, "type": "computed", "lease": 1, "units": 1, "seconds": 0.5},
                                   use_single_float=True))
    peer.send("computed", lease=1, units=1, seconds=1)
    peer.send("heartbeat", leases=[], wanted=0)
    peer.send("status_request", job="y")
    assert peer.receive()["type"] == "rejected"


def test_the_coordinator_refuses_another_version(fleet):
    fleet.coordinator()
    peer = fleet.peer("coordinator")
    peer.socket.send(msgpack.packb({"v": 2, "type": "status_request", "job": "x"}))
    refused = peer.receive()
    assert (refused["v"], refused["type"]) == (1, "refused")
    assert "version 2" in refused["reason"]
    peer.send("status_request", job="y")
    assert peer.receive() == {"v": 1, "type": "rejected", "reason": "there is no job y"}
