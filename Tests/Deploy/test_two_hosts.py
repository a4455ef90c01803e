"""A fleet on two hosts, which are two network namespaces with a cable between them. Everything on it is encrypted."""

import json
import socket
import subprocess
import sys
import threading

import pytest
import zmq
from support import BINARY, MODEL, Peer, Program, position_spec, query, read_key, sonarsweep, wait_for
from test_python_worker import WORKER

HEAD, NODE = "10.99.0.1", "10.99.0.2"
# What the job, the messages and the records hold in clear text; long enough not to come up by chance.
WORDS = [b"confidential", b"position", b"sonar-mini", b"eng_Latn", b"fingerprint", b"embedding", b"aggregator"]


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


class Cable(threading.Thread):
    """Two hosts: this namespace, and one of a process that only holds it; all that passes between them is kept."""

    def __init__(self):
        super().__init__()
        self.node = subprocess.Popen(["unshare", "--net", "sleep", "600"])
        self.inside = ["nsenter", "--target", str(self.node.pid), "--net"]
        wait_for(lambda: self.is_apart(), "the second host")
        ip("link", "set", "lo", "up")
        ip("link", "add", "head", "type", "veth", "peer", "name", "node")
        ip("link", "set", "node", "netns", str(self.node.pid))
        ip("addr", "add", f"{HEAD}/24", "dev", "head")
        ip("link", "set", "head", "up")
        for command in (["link", "set", "lo", "up"], ["addr", "add", f"{NODE}/24", "dev", "node"], ["link", "set", "node", "up"]):
            subprocess.run([*self.inside, "ip", *command], check=True, capture_output=True)
        self.packets = []
        self.ending = threading.Event()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self.socket.settimeout(0.2)
        self.socket.bind(("head", 0))
        self.start()

    def is_apart(self):
        ours, theirs = (subprocess.run(["readlink", f"/proc/{pid}/ns/net"], capture_output=True).stdout
                        for pid in ("self", self.node.pid))
        return theirs and ours != theirs

    def run(self):
        while not self.ending.is_set():
            try:
                self.packets.append(self.socket.recv(65_536))
            except TimeoutError:
                continue

    def traffic(self):
        return b"".join(self.packets)

    def close(self):
        self.ending.set()
        self.join()
        self.socket.close()
        self.node.kill()
        self.node.wait()


def pass_in_clear(cable, text):
    """Sends a text from the second host to the first by plain TCP."""
    with socket.create_server((HEAD, 0)) as server:
        code = f"import socket; s = socket.create_connection({server.getsockname()!r}); s.sendall({text!r}); s.close()"
        sender = subprocess.Popen([*cable.inside, sys.executable, "-c", code])
        connection, _ = server.accept()
        with connection:
            assert connection.recv(100) == text
        assert sender.wait(30) == 0


@pytest.fixture
def cable():
    cable = Cable()
    yield cable
    cable.close()


@pytest.fixture
def programs(tmp_path):
    started = []

    def start(name, *command):
        started.append(Program(tmp_path / f"{name}.log", *command))
        return started[-1]

    yield start
    for program in reversed(started):
        program.stop()


def test_two_hosts_share_a_job_and_the_cable_shows_nothing(isolated, request, tmp_path):
    if not isolated("--net"):
        return
    cable, programs = request.getfixturevalue("cable"), request.getfixturevalue("programs")
    keys = tmp_path / "keys"
    for command in (["init", keys], ["add", "node", "--keys", keys], ["add", "client", "--role", "client", "--keys", keys]):
        assert sonarsweep("keys", *command).returncode == 0
    coordinator = programs("coordinator", BINARY, "coordinator", "--bind", f"tcp://{HEAD}:*", "--keys", keys)
    endpoint = coordinator.line().removeprefix("coordinator listens on ")
    results = tmp_path / "results"
    programs("aggregator", BINARY, "aggregator", "--coordinator", endpoint, "--bind", f"tcp://{HEAD}:*", "--keys", keys,
             "--results", results).line()

    # Without a key: the program says so at once; one that is written by hand gets no answer.
    done = subprocess.run([*cable.inside, BINARY, "worker", "--coordinator", endpoint, "--model", "none"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "--key FILE" in done.stderr
    stranger = programs("stranger", *cable.inside, sys.executable, WORKER, endpoint)
    wait_for(lambda: "a client without CURVE" in coordinator.log.read_text(), "the coordinator to refuse it")

    context = zmq.Context()
    client = Peer(context, endpoint, read_key(keys / "client.key"))
    spec = {**position_spec(["dog", "cat", "speak"], ["_", "the"], 12,
                            {"languages": ["eng_Latn"], "method": "greedy", "max_tokens": 24}), "name": "confidential"}
    assert all(word in json.dumps(spec).encode() for word in WORDS[:4])
    job, answer = client.submit(spec)
    assert answer["type"] == "accepted"
    for i in range(2):
        programs(f"worker-{i}", *cable.inside, BINARY, "worker", "--coordinator", endpoint, "--key", keys / "node.key",
                 "--model", MODEL)
    client.wait_until_done(job, 60)
    client.socket.close()
    context.term()

    store = results / job
    assert query(store, "SELECT count(*) FROM units WHERE status = 'done'") == [(72,)]
    assert stranger.is_running(), "it was to try all the time"
    instances = query(store, "SELECT DISTINCT workers.instance FROM units JOIN workers ON workers.id = units.worker")
    assert 1 <= len(instances) <= 2

    # What is sent in clear is seen: so the rest is not.
    pass_in_clear(cable, b"a word in clear text")
    wait_for(lambda: b"a word in clear text" in cable.traffic(), "the clear text on the cable")
    traffic = cable.traffic()
    embeddings = 72 * 256 * 4
    assert len(traffic) > embeddings, "the records did not pass"
    assert [word for word in WORDS if word in traffic] == []


JOB = """
name: confidential
sweep: {kind: position, language: eng_Latn, tokens: [dog, cat], fillers: [_], length: 6}
decode: {languages: [eng_Latn], max_tokens: 16}
"""


def certify(directory, address):
    """A certificate for an address, signed by itself, and its key."""
    certificate, key = directory / "certificate.pem", directory / "certificate.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    key, "-out", certificate, "-days", "1", "-subj", f"/CN={address}", "-addext",
                    f"subjectAltName=IP:{address}"], check=True, capture_output=True)
    key.chmod(0o600)
    return certificate, key


def test_the_second_host_submits_over_https_and_the_cable_shows_nothing(isolated, request, tmp_path):
    if not isolated("--net"):
        return
    cable, programs = request.getfixturevalue("cable"), request.getfixturevalue("programs")
    keys, results, tokens, token = (tmp_path / name for name in ("keys", "results", "tokens", "token"))
    for command in (["init", keys], ["add", "node", "--keys", keys]):
        assert sonarsweep("keys", *command).returncode == 0
    made = sonarsweep("tokens", "add", "alice", "--role", "submit", "--tokens", tokens, "--output", "json")
    secret = json.loads(made.stdout)["token"]
    token.write_text(secret)
    token.chmod(0o600)
    certificate, key = certify(tmp_path, HEAD)
    job = tmp_path / "job.yaml"
    job.write_text(JOB)

    common = [BINARY, "coordinator", "--bind", f"tcp://{HEAD}:*", "--keys", keys, "--http", f"{HEAD}:5780", "--results", results]
    # Beyond this machine it wants tokens, and TLS.
    for missing in ([], ["--tokens", tokens]):
        done = subprocess.run([*common, *missing], capture_output=True, text=True, timeout=30)
        assert done.returncode not in (0, 130), missing
    coordinator = programs("coordinator", *common, "--tokens", tokens, "--certificate", certificate, "--certificate-key", key)
    endpoint = coordinator.line().removeprefix("coordinator listens on ")
    programs("aggregator", BINARY, "aggregator", "--coordinator", endpoint, "--bind", f"tcp://{HEAD}:*", "--keys", keys,
             "--results", results).line()
    programs("worker", *cable.inside, BINARY, "worker", "--coordinator", endpoint, "--key", keys / "node.key", "--model", MODEL)

    def submit(*options):
        return subprocess.run([*cable.inside, BINARY, "submit", job, "--watch", "--quiet", "--coordinator",
                               f"https://{HEAD}:5780", *options], capture_output=True, text=True, timeout=90, cwd=tmp_path,
                              env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})

    # A certificate that it has no reason to trust, and no token.
    assert submit("--token-file", token).returncode == 1
    assert submit("--ca-file", certificate).returncode == 1
    assert not list(results.glob("confidential-*"))
    done = submit("--ca-file", certificate, "--token-file", token)
    assert done.returncode == 0, done.stdout + done.stderr
    (store,) = results.glob("confidential-*")
    assert query(store, "SELECT count(*) FROM units WHERE status = 'done'") == [(12,)]

    pass_in_clear(cable, b"a word in clear text")
    wait_for(lambda: b"a word in clear text" in cable.traffic(), "the clear text on the cable")
    assert [word for word in [*WORDS, secret.encode()] if word in cable.traffic()] == []
