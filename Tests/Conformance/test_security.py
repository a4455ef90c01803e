"""A fleet with keys: who is let in, who is not, and that nothing secret gets out. Real processes, CURVE over tcp."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import zmq
from zmq.utils import z85
from support import BINARY, Peer, committed, files, null_spec, read_key, sonarsweep, wait_for
from test_hostile import record
from test_python_worker import WORKER, check


class Keys:
    """A fleet's directory of keys, and what each command printed."""

    def __init__(self, path):
        self.path = path
        self.printed = []
        self.run("init", path)

    def run(self, *arguments):
        done = sonarsweep("keys", *arguments)
        self.printed.append(done.stdout + done.stderr)
        assert done.returncode == 0, done.stderr

    def add(self, name, role="worker", *more):
        self.run("add", name, "--role", role, "--keys", self.path, *more)
        return self.path / f"{name}.key"

    def revoke(self, name):
        self.run("revoke", name, "--keys", self.path)

    def made_elsewhere(self, path):
        """A key file that nobody has allowed."""
        public, secret = (key.decode() for key in zmq.curve_keypair())
        server = read_key(self.path / "server.key")["public-key"]
        path.write_text(f'public-key = "{public}"\nsecret-key = "{secret}"\nserver-key = "{server}"\n')
        path.chmod(0o600)
        return path


class SecureFleet:
    def __init__(self, fleet, path):
        self.fleet = fleet
        self.results = path / "results"
        self.keys = Keys(path / "keys")
        self.client_key = self.keys.add("client", "client")
        self.coordinator = fleet.program("coordinator", BINARY, "coordinator", "--keys", self.keys.path)
        self.coordinator_endpoint = self.coordinator.line().removeprefix("coordinator listens on ")
        self.aggregator = fleet.program("aggregator", BINARY, "aggregator", "--coordinator", self.coordinator_endpoint,
                                        "--keys", self.keys.path, "--results", self.results)
        self.aggregator_endpoint = self.aggregator.line().removeprefix("aggregator listens on ")
        assert self.coordinator_endpoint.startswith("tcp://127.0.0.1:")

    def peer(self, key=None, endpoint=None):
        key = read_key(key) if isinstance(key, Path) else key
        peer = Peer(self.fleet.context, endpoint or self.coordinator_endpoint, key)
        self.fleet.open.append(peer)
        return peer

    def python_worker(self, key):
        return self.fleet.program("python-worker", sys.executable, WORKER, self.coordinator_endpoint, key)

    def worker(self, key):
        return self.fleet.program("worker", BINARY, "worker", "--coordinator", self.coordinator_endpoint, "--key", key,
                                  "--model", "none")

    def running(self, spec):
        """A client with a job that is open."""
        client = self.peer(self.client_key)
        job, answer = client.submit(spec)
        assert answer["type"] == "accepted"
        wait_for(lambda: client.status(job)["phase"] == "running", "the job to be open")
        return client, job

    def logs(self, text, program=None):
        log = (program or self.coordinator).log
        wait_for(lambda: text in log.read_text(), f"'{text}' in {log}")

    def goes_on(self):
        """A job is done from end to end."""
        client = self.peer(self.client_key)
        worker = self.python_worker(self.keys.add("last"))
        job, _ = client.submit(null_spec(100, 8, "last"))
        client.wait_until_done(job)
        assert worker.is_running()
        check(self.results / job, 100, 8)


@pytest.fixture
def secure(fleet, tmp_path):
    return SecureFleet(fleet, tmp_path)


def test_a_python_worker_joins_with_curve(secure):
    worker = secure.python_worker(secure.keys.add("node-1"))
    client = secure.peer(secure.client_key)
    job, _ = client.submit(null_spec(66_000, 3))
    client.wait_until_done(job)
    assert worker.is_running()
    check(secure.results / job, 66_000, 3)


def test_workers_share_a_key_and_an_aggregator_may_have_its_own(secure):
    secure.aggregator.stop()
    own = secure.keys.add("aggregator", "aggregator")
    # Its workers' gate needs the fleet's key, so it cannot be a process without; the role is what is tried here.
    peer = secure.peer(own)
    peer.hello("aggregator", "own", "tcp://127.0.0.1:1")
    key = secure.keys.add("node")
    workers = [secure.worker(key), secure.worker(key)]
    secure.logs("aggregator test joined")
    for worker in workers:
        secure.logs("took this worker in", worker)


# Who is not let in


def plain(secure, tmp_path):
    return None


def unknown(secure, tmp_path):
    return secure.keys.made_elsewhere(tmp_path / "unknown.key")


def revoked(secure, tmp_path):
    key = read_key(secure.keys.add("former", "client"))
    secure.keys.revoke("former")
    return key


def wrong_server(secure, tmp_path):
    return read_key(secure.client_key) | {"server-key": zmq.curve_keypair()[0].decode()}


STRANGERS = {
    "a plain client": (plain, "a client without CURVE"),
    "an unknown key": (unknown, "refused an unknown or revoked key"),
    "a revoked key": (revoked, "refused an unknown or revoked key"),
    "another server's key": (wrong_server, "refused a client with another server's key"),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("role", ["coordinator", "aggregator"])
def test_strangers_are_refused_and_counted(secure, tmp_path, stranger, role):
    make, line = stranger
    key = make(secure, tmp_path)
    peer = secure.peer(key, getattr(secure, f"{role}_endpoint"))
    peer.hello("worker", "stranger")
    peer.send("status_request", job="null-00000000")
    secure.logs(line, getattr(secure, role))
    assert "so far)" in getattr(secure, role).log.read_text()
    assert peer.receive(deadline=0.5) is None
    secure.goes_on()


def test_a_worker_is_told_why_it_is_not_let_in(secure, tmp_path):
    # The address counts as this machine's, so that a key is not asked for before.
    without = secure.fleet.program("worker", BINARY, "worker", "--coordinator", secure.coordinator_endpoint, "--model",
                                   "none")
    secure.logs("it wants a key", without)
    unknown = secure.worker(secure.keys.made_elsewhere(tmp_path / "unknown.key"))
    secure.logs("sonarsweep keys add", unknown)
    other = Keys(tmp_path / "other").add("node")
    secure.logs("the key file is for another fleet", secure.worker(other))
    assert without.is_running() and unknown.is_running()


def test_a_key_that_is_added_is_let_in_without_a_restart(secure, tmp_path):
    file = secure.keys.made_elsewhere(tmp_path / "own.key")
    worker = secure.worker(file)
    secure.logs("unknown or was revoked", worker)
    secure.keys.add("own", "worker", "--public-key", read_key(file)["public-key"])
    secure.logs("took this worker in", worker)
    assert not (secure.keys.path / "own.key").exists()


# Who is cut off


def test_a_client_that_is_revoked_while_connected_is_cut_off(secure):
    client = secure.peer(secure.keys.add("alice", "client"))
    job, answer = client.submit(null_spec(10, 8))
    assert answer["type"] == "accepted"
    secure.keys.revoke("alice")
    secure.logs("the list of keys has changed; keys that may connect: 1")
    _, answer = client.submit(null_spec(20, 8))
    assert answer["type"] == "rejected" and "revoked" in answer["reason"]
    secure.logs("refused a message of a key revoked while connected")
    # The same name with a new key does not bring the old one back.
    secure.keys.add("alice", "client")
    secure.logs("the list of keys has changed; keys that may connect: 2")
    assert client.submit(null_spec(20, 8))[1]["type"] == "rejected"
    secure.goes_on()


def test_records_of_a_key_revoked_while_connected_are_dropped(secure):
    _, job = secure.running(null_spec(4, 8))
    worker = secure.peer(secure.keys.add("node"), secure.aggregator_endpoint)
    worker.hello("worker", "test")
    assert worker.receive("acknowledge")
    worker.send("records", batch=1, job=job, fingerprint="", records=[record(0)])
    assert worker.receive("acknowledge")["committed"] == [1]
    secure.keys.revoke("node")
    secure.logs("the list of keys has changed; keys that may connect: 1", secure.aggregator)
    worker.send("records", batch=2, job=job, fingerprint="", records=[record(1)])
    assert "revoked" in worker.receive("refused")["reason"]
    secure.logs("refused a message of a key revoked while connected", secure.aggregator)
    assert committed(secure.results) == 1
    secure.goes_on()


def test_a_worker_that_is_revoked_ends_and_its_units_go_to_others(secure):
    first, second = secure.keys.add("first"), secure.keys.add("second")
    client, job = secure.running(null_spec(300_000, 2))
    worker = secure.worker(first)
    wait_for(lambda: client.status(job)["done"] > 0, "units")
    secure.keys.revoke("first")
    assert worker.wait() == 1
    assert "this key was revoked" in worker.log.read_text()
    secure.python_worker(second)
    client.wait_until_done(job, 60)
    check(secure.results / job, 300_000, 2)


# Roles

WRONG_ROLES = {
    "a worker's key submits": ("worker", "submit", "rejected"),
    "a worker's key asks for status": ("worker", "status_request", "rejected"),
    "a worker's key joins as aggregator": ("worker", "aggregator", "refused"),
    "a client's key joins as worker": ("client", "worker", "refused"),
    "a client's key joins as aggregator": ("client", "aggregator", "refused"),
    "a client's key commits": ("client", "committed", "refused"),
    "an aggregator's key joins as worker": ("aggregator", "worker", "refused"),
    "an aggregator's key submits": ("aggregator", "submit", "rejected"),
}


@pytest.mark.parametrize("case", WRONG_ROLES.values(), ids=WRONG_ROLES)
def test_a_key_has_one_role(secure, case):
    role, does, answer = case
    peer = secure.peer(secure.keys.add("someone", role))
    if does == "submit":
        peer.ask_to_submit(null_spec(10, 8))
    elif does == "status_request":
        peer.send("status_request", job="null-00000000")
    elif does == "committed":
        peer.send("committed", job="null-00000000", units=[0, 1], done=1, failed=0, skipped=0)
    else:
        peer.hello(does, "test", "tcp://127.0.0.1:1")
    message = peer.receive()
    assert message["type"] == answer, message
    assert f"'someone' is for the role {role}" in message["reason"]
    secure.logs(f"refused a message that the key's role does not allow: 'someone', which is a key for the role {role}")
    secure.goes_on()


def test_only_workers_talk_to_the_aggregator(secure):
    _, job = secure.running(null_spec(4, 8))
    peer = secure.peer(secure.client_key, secure.aggregator_endpoint)
    peer.hello("worker", "test")
    assert peer.receive()["type"] == "refused"
    peer.send("records", batch=1, job=job, fingerprint="", records=[record(0)])
    assert peer.receive()["type"] == "refused"
    assert committed(secure.results) == 0


# Files


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path / "keys")


def test_secrets_are_made_for_their_owner_alone(keys):
    old = os.umask(0)
    try:
        keys.add("node")
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.path.iterdir()}
    assert modes == {"server.key": 0o600, "node.key": 0o600, "allowed": 0o644}
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o700


def refused(*command):
    done = sonarsweep(*command)
    assert done.returncode in (1, 64), done.stdout
    return done.stderr


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_secret_that_others_may_use_is_refused(keys, mode):
    node = keys.add("node")
    node.chmod(mode)
    assert f"chmod 600 {node}" in refused("worker", "--coordinator", "tcp://127.0.0.1:1", "--key", node, "--model", "none")
    (keys.path / "server.key").chmod(mode)
    for command in (["coordinator"], ["aggregator", "--coordinator", "tcp://127.0.0.1:1"], ["keys", "list"]):
        assert f"chmod 600 {keys.path}/server.key" in refused(*command, "--keys", keys.path)


def test_a_list_that_others_may_change_is_refused(keys):
    (keys.path / "allowed").chmod(0o664)
    assert f"chmod go-w {keys.path}/allowed" in refused("coordinator", "--keys", keys.path)
    (keys.path / "allowed").chmod(0o644)
    keys.path.chmod(0o770)
    assert f"chmod go-w {keys.path}" in refused("coordinator", "--keys", keys.path)


def test_mistakes_are_explained(keys, tmp_path):
    node = keys.add("node")
    assert "holds a fleet's keys already" in refused("keys", "init", keys.path)
    assert "keys init" in refused("keys", "add", "x", "--keys", tmp_path / "none")
    assert "revoke it first" in refused("keys", "add", "node", "--keys", keys.path)
    assert "there are: node" in refused("keys", "revoke", "nobody", "--keys", keys.path)
    for name in ("../node", "server", ".node", "a b", ""):
        assert "cannot name a key" in refused("keys", "add", name, "--keys", keys.path), name
    assert "40 characters" in refused("keys", "add", "x", "--public-key", "short", "--keys", keys.path)
    for of, says in (("node", "'node' has this public key"), ("server", "fleet's own key")):
        public = read_key(keys.path / f"{of}.key")["public-key"]
        assert says in refused("keys", "add", "x", "--public-key", public, "--keys", keys.path)
    secret = read_key(node)["secret-key"]
    for text in (node.read_text().replace(secret, secret[:-1]), node.read_text().replace(secret, zmq.curve_keypair()[1].decode()), "", "\0"):
        node.write_text(text)
        error = refused("worker", "--coordinator", "tcp://127.0.0.1:1", "--key", node, "--model", "none")
        assert str(node) in error and secret[:20] not in error
    (keys.path / "allowed").write_text("# nobody\n\nnode boss x\n")
    assert f"{keys.path}/allowed:3" in refused("coordinator", "--keys", keys.path)


def test_adding_in_parallel_loses_nothing(keys):
    commands = [[BINARY, "keys", "add", f"node-{i}", "--keys", keys.path] for i in range(8)]
    for process in [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]:
        assert process.wait(60) == 0
    lines = (keys.path / "allowed").read_text().splitlines()
    assert sorted(line.split()[0] for line in lines if not line.startswith("#")) == [f"node-{i}" for i in range(8)]
    for i in range(8):
        assert read_key(keys.path / f"node-{i}.key")["public-key"] in (keys.path / "allowed").read_text()


def test_a_broken_list_changes_nothing_until_it_is_whole_again(secure):
    allowed = secure.keys.path / "allowed"
    text = allowed.read_text()

    # As `keys` writes it: at no moment is it empty or half there.
    def write(text):
        new = allowed.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o600)
        new.replace(allowed)

    write("nonsense\n")
    secure.logs("cannot be read; the former one stays in force")
    secure.peer(secure.client_key).submit(null_spec(10, 8))
    write("")
    secure.logs("the list of keys has changed; keys that may connect: 0")
    secure.peer(secure.client_key).hello("client", "test")
    secure.logs("refused an unknown or revoked key")
    write(text)
    secure.goes_on()


# Secrets


def test_secrets_appear_nowhere(secure, tmp_path):
    key = secure.keys.add("node")
    secure.worker(key)
    secure.python_worker(key)
    stranger = secure.worker(secure.keys.made_elsewhere(tmp_path / "stranger.key"))
    secure.logs("does not let this process in", stranger)
    other = secure.keys.add("other", "client")
    secure.peer(other).hello("worker", "test")
    secure.logs("the key's role does not allow")
    client, job = secure.running(null_spec(5000, 8))
    client.wait_until_done(job)
    secure.keys.run("list", "--keys", secure.keys.path)
    secure.keys.run("list", "--keys", secure.keys.path, "--output", "json")
    secrets = [read_key(file)["secret-key"] for file in [*secure.keys.path.glob("*.key"), tmp_path / "stranger.key"]]
    assert len(secrets) == 5
    raw = [z85.decode(secret) for secret in secrets]
    places = files(secure.results) | {"printed": "".join(secure.keys.printed).encode()}
    for program in secure.fleet.programs:
        assert program.is_running()
        places[str(program.log)] = program.log.read_bytes()
        for name in ("cmdline", "environ"):
            places[f"{program.log.name} {name}"] = Path(f"/proc/{program.pid}/{name}").read_bytes()
    assert len(places) > 15
    for place, content in places.items():
        for secret in secrets:
            assert secret.encode() not in content, place
        for secret in raw:
            assert secret not in content and secret.hex().encode() not in content, place
    # What has to be there, to see that the search finds what there is.
    public = read_key(tmp_path / "stranger.key")["public-key"].encode()
    assert any(public in content for content in places.values())
