"""The commands of a shared fleet, by people who have a URL and a token: real `serve`, real workers."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from jobs import TOO_LONG_CORPUS, endless, short
from shared_fleet import Desk, SharedFleet, environment, finished, run
from support import BINARY, JOBS, Program, children, query, wait_for

COMMANDS = [
    ["jobs"], ["status"], ["status", "job"], ["watch"], ["watch", "job"], ["cancel", "job"], ["pause", "job"],
    ["resume", "job"], ["retry", "job", "--coordinator"], ["priority", "job", "5"], ["workers"], ["drain", "worker"],
    ["fetch", "job", "--format", "csv"], ["submit", "job.yaml"], ["top"],
]
FAILING = """
name: failing
sweep: {kind: labelled, file: corpus.tsv, language: eng_Latn}
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    with SharedFleet(tmp_path_factory.mktemp("fleet")) as fleet:
        fleet.add_workers()
        yield fleet


@pytest.fixture
def desk(fleet, tmp_path):
    """Of somebody who submits jobs."""
    desk = Desk(tmp_path / "desk", fleet, "submit")
    yield desk
    for job in fleet.get("jobs")["jobs"]:
        if job["ended_at"] is None:
            desk.run("cancel", job["id"])
    desk.stop()


@pytest.fixture
def desk_of(fleet, tmp_path):
    return lambda role: Desk(tmp_path / role, fleet, role)


@pytest.fixture(scope="module")
def done(fleet, tmp_path_factory):
    """The id of a job with another file, handed in by somebody else and done."""
    desk = Desk(tmp_path_factory.mktemp("somebody"), fleet, "submit")
    shutil.copy(JOBS / "language.yaml", desk.directory)
    shutil.copytree(JOBS / "corpora", desk.directory / "corpora")
    finished = desk.run("submit", "language.yaml", "--watch")
    assert finished.returncode == 0, finished.stderr
    job = finished.stdout.strip()
    assert f"{job} done: 640 of 640 units done, 0 failed" in finished.stderr
    assert f"sonarsweep fetch {job} --format report --output-file language.html" in finished.stderr
    return job


def refused(done, *texts, code=1):
    """That a command says why in one line, and nothing else."""
    assert (done.returncode, done.stdout) == (code, ""), done.stdout + done.stderr
    for text in texts:
        assert text in done.stderr
    return done.stderr


# Submitting


def test_submit_and_watch_with_a_url_and_a_token(fleet, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/job.yaml").write_text(short("flags"))
    done = run(tmp_path / "elsewhere", "submit", "job.yaml", "--watch", "--coordinator", fleet.url, "--token-file",
               fleet.head / "submit.token")
    assert done.returncode == 0, done.stderr
    job = done.stdout.strip()
    assert job.startswith("flags-") and (fleet.head / "results" / job).is_dir()
    # What to type next works as it stands there.
    words = done.stderr.splitlines()[-1].split("read its report by: sonarsweep ")[1].split()
    assert run(tmp_path / "elsewhere", *words).returncode == 0
    assert "<html" in (tmp_path / "elsewhere/flags.html").read_text()
    assert sorted(p.name for p in (tmp_path / "elsewhere").iterdir()) == ["flags.html", "job.yaml"]


def test_a_job_with_other_files_is_the_job_it_is_at_home(fleet, desk, done):
    plan = run(JOBS, "job", "plan", "language.yaml", "--output", "json", "--results", desk.directory / "results")
    assert done == json.loads(plan.stdout)["job"]
    assert fleet.job(done)["owner"] == "submit-person"


def test_the_same_job_twice_is_one_job(fleet, desk):
    desk.write("twice.yaml", endless("twice"))
    first = desk.json("submit", "twice.yaml", "--priority", "30")
    again = desk.run("submit", "twice.yaml", "--priority", "70")
    assert again.stdout.strip() == first["id"] and "is there already" in again.stderr
    known = fleet.job(first["id"])
    assert (known["submitted_at"], known["priority"]) == (first["submitted_at"], 30)
    assert [job["id"] for job in fleet.get("jobs")["jobs"]].count(first["id"]) == 1


def test_mistakes_are_told_and_nothing_is_submitted(fleet, desk):
    desk.write("bad.yaml", short("bad").replace("[dog, cat]", "[speaker]"))
    desk.write("lacking.yaml", FAILING.replace("corpus", "missing"))
    desk.write("broken.yaml", "name: [}")
    desk.write("good.yaml", short("good"))
    before = fleet.get("jobs")["total"]
    errors = refused(desk.run("submit", "bad.yaml", "lacking.yaml", "broken.yaml"), code=65)
    assert "bad.yaml:3: sweep.tokens[0]: 'speaker' is 2 pieces" in errors
    assert f"lacking.yaml:3: sweep.file: 'missing.tsv' cannot be read: there is no such file in {desk.directory}" in errors
    assert "broken.yaml:1: not valid YAML: " in errors
    assert "1 mistake in bad.yaml; nothing was submitted" in errors
    assert fleet.get("jobs")["total"] == before
    mixed = desk.run("submit", "bad.yaml", "good.yaml", "--watch", "--quiet")
    assert mixed.returncode == 65 and mixed.stdout.startswith("good-")
    refused(desk.run("submit", "gone.yaml"), "gone.yaml cannot be read: there is no such file; nothing was submitted")
    refused(desk.run("submit", JOBS / "study.yaml"), "is a study", "nothing was submitted")


# What there is


def test_lists_are_what_the_interface_says(fleet, desk, done):
    assert desk.json("jobs", "--phase", "done") == fleet.get("jobs?phase=done")["jobs"]
    assert desk.json("status", done) == desk.json("status", "language") == fleet.job(done)
    (row,) = [line.split() for line in desk.run("jobs").stdout.splitlines() if line.startswith(done)]
    assert row[1:6] == ["done", "100%", "640", "0", "10"] and row[6] == "submit-person"
    assert len(desk.json("jobs", "--limit", "1")) == 1
    told, known = desk.json("status"), fleet.get("fleet")
    assert told.keys() == known.keys() and told["workers"] == known["workers"] == {"idle": 2, "working": 0, "draining": 0}
    told, known = desk.json("workers"), fleet.get("workers")["workers"]
    assert [w.keys() for w in told] == [w.keys() for w in known] and [w["id"] for w in told] == [w["id"] for w in known]
    table = desk.run("workers").stdout
    assert all(worker["id"] in table and worker["name"] in table for worker in known)
    assert "2 idle" in desk.run("status").stdout


def test_nothing_that_is_not_on_a_terminal_has_colours(desk):
    desk.write("plain.yaml", short("plain"))
    done = desk.run("submit", "plain.yaml", "--watch")
    assert "\x1b" not in done.stdout + done.stderr and "\r" not in done.stderr
    assert "\x1b" not in desk.run("jobs").stdout


def test_a_job_that_is_not_there_or_not_the_only_one(desk):
    for command in COMMANDS:
        if "job" in command:
            words = [word for word in command if word != "--coordinator"]
            refused(desk.run(*words), "of a job 'job': there is no such job" if command[0] in ("retry", "fetch")
                    else "there is no job 'job'", "; see: sonarsweep jobs")
    for name in ("alike-one", "alike-two"):
        desk.write(f"{name}.yaml", short(name))
        assert desk.run("submit", f"{name}.yaml", "--watch").returncode == 0
    refused(desk.run("status", "alike"), "'alike' could be alike-", " or alike-")
    refused(desk.run("drain", "nobody"), "no worker is called 'nobody', and no id starts so; see: sonarsweep workers")


# Changing


def test_pause_resume_priority_and_cancel(fleet, desk):
    desk.write("changed.yaml", endless("changed"))
    job = desk.run("submit", "changed.yaml").stdout.strip()
    fleet.wait_for_units(job)
    assert any(lease["job"] == job for worker in desk.json("workers") for lease in worker["leases"])
    assert desk.json("pause", "changed")["phase"] == "paused"
    assert "it is paused; resume it to go on" in desk.run("status", "changed").stdout
    assert desk.json("resume", "changed")["phase"] == "running"
    assert desk.json("priority", "changed", "77")["priority"] == fleet.job(job)["priority"] == 77
    assert desk.run("priority", "changed", "101").returncode == 64
    assert "priority 77" in desk.run("cancel", "changed").stdout
    assert fleet.job(job)["phase"] == "cancelled"
    for command in ("pause", "resume"):
        refused(desk.run(command, job), "has ended (cancelled); submit it again to go on with it")
    watch = desk.run("watch", job)
    assert watch.returncode == 1 and watch.stdout.startswith(f"{job} cancelled: ")


def test_units_that_fail_are_seen_and_tried_again(fleet, desk):
    desk.write("failing.yaml", FAILING)
    desk.write("corpus.tsv", TOO_LONG_CORPUS)
    done = desk.run("submit", "failing.yaml", "--watch")
    assert done.returncode == 2 and "5 of 8 units done, 3 failed" in done.stderr
    job = done.stdout.strip()
    first = fleet.job(job)
    assert first["failed"] == 3 and desk.run("watch", job).returncode == 2
    assert desk.run("retry", job).returncode == 0
    assert desk.run("watch", job, "--quiet").returncode == 2
    attempts = query(fleet.head / "results" / job, "SELECT attempts FROM units WHERE status = 'failed'")
    assert fleet.job(job)["failed"] == 3 and len(attempts) == 3
    assert fleet.job(job)["ended_at"] >= first["ended_at"]


def test_a_worker_that_is_drained_ends(fleet, desk_of):
    fleet.add_workers(1)
    program = fleet.workers.pop()
    (worker,) = [w for w in desk_of("admin").json("workers") if w["name"].endswith(f":{program.pid}")]
    refused(desk_of("submit").run("drain", worker["id"]), "'submit-person' has the role submit; this takes admin")
    admin = Desk(fleet.directory / "admin", fleet, "admin")
    assert admin.json("drain", worker["name"])["id"] == worker["id"]
    assert program.wait() == 0
    wait_for(lambda: len(fleet.get("workers")["workers"]) == 2, "the worker to be gone")


# Watching


def test_ctrl_c_stops_watching_and_nothing_else(fleet, desk):
    desk.write("watched.yaml", endless("watched"))
    watch = desk.start("watch.log", "submit", "watched.yaml", "--watch")
    job = watch.line()
    wait_for(lambda: "units/s" in watch.log.read_text(), "progress")
    watch.interrupt()
    code, _, errors = finished(watch)
    assert code == 130 and f"stopped watching; the fleet goes on. To watch again: sonarsweep watch {job}\n" in errors
    assert fleet.job(job)["phase"] in ("opening", "running")


@pytest.mark.parametrize("whole", [False, True], ids=["killed", "stopped-and-started"])
def test_watching_survives_a_restart(fleet, desk, whole):
    name = f"survivor-{whole}".lower()
    desk.write("job.yaml", endless(name, 20))
    job = desk.run("submit", "job.yaml").stdout.strip()
    assert desk.run("pause", job).returncode == 0
    watch = desk.start("watch.log", "watch", job)
    wait_for(lambda: "paused" in watch.log.read_text(), "the watch to begin")
    if whole:
        fleet.serve.interrupt()
        assert fleet.serve.wait() == 0
        try:
            wait_for(lambda: "trying again" in watch.log.read_text(), "the watch to notice")
        finally:
            fleet.restart()
    else:
        os.kill(fleet.roles()["coordinator"], signal.SIGKILL)
        wait_for(lambda: "started again as process" in fleet.serve.log.read_text(), "serve to start it again")
    wait_for(lambda: "the coordinator answers again" in watch.log.read_text(), "the watch to go on")
    assert fleet.job(job)["phase"] == "paused"
    assert desk.run("resume", job).returncode == 0
    code, output, errors = finished(watch)
    assert code == 0 and output.startswith(f"{job} done: 800 of 800 units done"), errors
    assert errors.count("trying again") == 1 and "Error" not in errors
    wait_for(lambda: len(fleet.get("workers")["workers"]) == 2, "the workers to be back")


# Results


@pytest.mark.parametrize("options", [
    ["csv"], ["jsonl"], ["npy"], ["safetensors"], ["csv", "--array", "embedding"], ["npy", "--array", "log_probability"]],
    ids=" ".join)
def test_what_is_fetched_is_what_the_store_holds(fleet, desk, done, options):
    format, *array = options
    fetched = desk.run("fetch", "language", "--format", format, *array, "--output-file", "fetched")
    assert (fetched.returncode, fetched.stdout, fetched.stderr) == (0, "", "")
    expected = run(fleet.head, "export", done, "--format", format, *array, "--output-file", desk.directory / "expected")
    assert expected.returncode == 0, expected.stderr
    assert (desk.directory / "fetched").read_bytes() == (desk.directory / "expected").read_bytes()
    if format == "csv":
        with open(desk.directory / "fetched") as file:
            assert len(list(csv.reader(file))) == 641
    if format == "npy":
        assert np.load(desk.directory / "fetched").shape[:2] == (320, 2)


def test_fetch_to_standard_output_and_the_report(fleet, desk, done):
    lines = desk.run("fetch", done, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["unit"] for line in lines] == list(range(640))
    assert desk.run("fetch", done, "--format", "report", "--output-file", "r.html").returncode == 0
    report = (fleet.head / "results" / done / "report.html").read_bytes()
    assert hashlib.sha256((desk.directory / "r.html").read_bytes()).digest() == hashlib.sha256(report).digest()
    refused(desk.run("fetch", done, "--format", "npy"), "add --output-file FILE", code=64)
    refused(desk.run("fetch", done, "--format", "npy", "--array", "nope", "--output-file", "n.npy"), "has no array 'nope'")
    assert sorted(p.name for p in desk.directory.iterdir()) == ["home", "r.html"]


def test_a_reader_that_has_had_enough_ends_fetch_quietly(desk, done):
    command = f"{BINARY} fetch {done} --format csv --array embedding | head -c 100 | wc -c; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], env=desk.environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (141, "100", "")


@pytest.mark.parametrize("command", [
    "jobs", "jobs --output json", "workers", "submit job.yaml", "fetch {} --format csv",
    "encode --input rows.jsonl",
])
def test_what_cannot_be_written_is_no_success(desk, done, command):
    desk.write("job.yaml", short("full"))
    desk.write("rows.jsonl", '{"text": "the dog", "language": "eng_Latn"}')

    def ended(to):
        return subprocess.run(["bash", "-c", f"{BINARY} {command.format(done)} {to}"], cwd=desk.directory,
                              env=desk.environment, capture_output=True, text=True, timeout=60)

    full = ended("> /dev/full")
    assert full.returncode == 1 and "No space left on device" in full.stderr
    # Notes are not what a command is for.
    assert ended("2> /dev/full").returncode == 0


# Who asks, and whom


class Ear(BaseHTTPRequestHandler):
    """Somebody else's server: remembers what it was told."""

    heard = []

    def do_GET(self):
        self.heard.append(self.headers.get("Authorization"))
        self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def ear():
    Ear.heard.clear()
    with HTTPServer(("127.0.0.1", 0), Ear) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_wrong_with_the_connection_is_said(fleet, tmp_path, command):
    words = [word for word in command if word != "--coordinator"]
    (tmp_path / "job.yaml").write_text(short("job"))
    if "retry" not in command:
        refused(run(tmp_path, *words), "no coordinator is named: add --coordinator URL")
    # The port was free a moment ago, and nobody here asks for it again.
    refused(run(tmp_path, *words, "--coordinator", "http://127.0.0.1:9"),
            "no answer from http://127.0.0.1:9: nothing listens there. Is the coordinator running ('sonarsweep serve')")
    refused(run(tmp_path, *words, "--coordinator", fleet.url), f"{fleet.url} wants a token. Give one by --token-file FILE")
    wrong = environment(tmp_path, SONARSWEEP_TOKEN="wrong")
    refused(run(tmp_path, *words, "--coordinator", fleet.url, env=wrong), "this token is not known here")


def test_urls_that_are_none(fleet, tmp_path):
    for url, answer in {
        "127.0.0.1:5780": "it starts with http:// or https://",
        fleet.endpoint: "that is where workers connect",
        fleet.url.replace("http", "https"): "it does not speak TLS there",
        fleet.endpoint.replace("tcp", "http"): "does not speak HTTP",
        "http://nowhere.invalid": "there is no such host",
    }.items():
        refused(run(tmp_path, "jobs", "--coordinator", url), answer)


def test_reading_is_not_changing(fleet, desk_of, done):
    reader = desk_of("read")
    assert reader.run("jobs").returncode == 0 and reader.json("status", done)["id"] == done
    assert reader.run("fetch", done, "--format", "csv").returncode == 0
    reader.write("job.yaml", short("unwanted"))
    for command in (["submit", "job.yaml"], ["cancel", done], ["pause", done], ["priority", done, "5"], ["retry", done]):
        refused(reader.run(*command), "'read-person' has the role read; this takes submit")


def test_the_configuration_file(fleet, tmp_path, ear):
    home = tmp_path / "home"
    file = home / ".config/sonarsweep/config.yaml"
    file.parent.mkdir(parents=True)

    def status(*options, **variables):
        return run(tmp_path, "status", *options, env=environment(home, **variables))

    file.write_text(f"coordinator: {fleet.url}\ntoken: {fleet.tokens['read']}\n")
    file.chmod(0o644)
    refused(status(), "holds a token, and others may use the file (mode 0644); run: chmod 600")
    file.chmod(0o600)
    assert status().returncode == 0
    # A token is for the coordinator it stands beside.
    refused(status("--coordinator", ear), "knows no fleet")
    assert Ear.heard == [None]
    refused(status(SONARSWEEP_COORDINATOR="http://127.0.0.1:9"), "nothing listens there")
    refused(status(SONARSWEEP_TOKEN="wrong"), "this token is not known here")
    # A file beside it, which may not be open either.
    file.write_text(f"coordinator: {fleet.url}\ntoken_file: my.token\n")
    file.chmod(0o644)
    shutil.copy(fleet.head / "read.token", file.parent / "my.token")
    assert status().returncode == 0
    (file.parent / "my.token").chmod(0o640)
    refused(status(), "my.token holds a token, and others may use the file (mode 0640)")
    assert status("--token-file", fleet.head / "admin.token").returncode == 0
    file.write_text("coordinater: x\n")
    refused(status(), "unknown key 'coordinater'")
    other = tmp_path / "xdg/sonarsweep"
    other.mkdir(parents=True)
    (other / "config.yaml").write_text(f"coordinator: {fleet.url}\ntoken_file: {fleet.head}/read.token\n")
    assert status(XDG_CONFIG_HOME=str(other.parent)).returncode == 0


def test_tokens_count_at_once_and_are_shown_once(fleet, tmp_path):
    def tokens(*arguments):
        return run(fleet.head, "tokens", *arguments)

    file = tmp_path / "new.token"
    made = tokens("add", "new", "--role", "read", "--output-file", file)
    assert made.returncode == 0 and made.stdout == "" and file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() not in (fleet.head / "tokens").read_text()
    ask = ("jobs", "--coordinator", fleet.url, "--token-file", file)
    # The coordinator looks at the file ten times a second.
    wait_for(lambda: run(tmp_path, *ask).returncode == 0, "the token to count")
    refused(tokens("add", "other", "--output-file", file), "is there already")
    refused(tokens("add", "other", "--output-file", tmp_path / "nowhere/token"), "nowhere")
    names = json.loads(tokens("list", "--output", "json").stdout)
    assert {"name": "new", "role": "read"} in names and all(entry["name"] != "other" for entry in names)
    assert tokens("revoke", "new").returncode == 0
    wait_for(lambda: run(tmp_path, *ask).returncode != 0, "the token to count no longer")
    refused(run(tmp_path, *ask), "this token is not known here; it may have been revoked")


# The fleet itself


def test_serve_stops_all_it_started(tmp_path):
    serve = Program(tmp_path / "serve.log", "env", "-C", tmp_path, BINARY, "serve", "--bind", "tcp://127.0.0.1:*",
                    "--http", "127.0.0.1:*", "--workers", "1")
    try:
        url = serve.line().removeprefix("fleet listens on ")
        # Loopback needs no token.
        wait_for(lambda: '"idle" : 1' in run(tmp_path, "status", "--coordinator", url, "--output", "json").stdout,
                 "the worker to join")
        started = children(serve.pid)
        assert sorted(words[1] for words in started.values()) == ["aggregator", "coordinator", "worker"]
        # One that was drained stays away, also when another process has been started again since.
        worker = json.loads(run(tmp_path, "workers", "--coordinator", url, "--output", "json").stdout)[0]["id"]
        assert run(tmp_path, "drain", worker, "--coordinator", url).returncode == 0
        pids = {words[1]: pid for pid, words in started.items()}
        wait_for(lambda: pids["worker"] not in children(serve.pid), "the worker to end")
        os.kill(pids["aggregator"], signal.SIGKILL)

        def roles():
            return sorted(words[1] for pid, words in children(serve.pid).items() if pid != pids["aggregator"])

        wait_for(lambda: "aggregator" in roles(), "the aggregator to be started again")
        assert roles() == ["aggregator", "coordinator"]
        port = url.removeprefix("http://")
        refused(run(tmp_path, "serve", "--bind", "tcp://127.0.0.1:*", "--http", port, "--state", "other"),
                f"another process listens on {port} already")
        serve.interrupt()
        assert serve.wait() == 0 and "stopping; what is committed is safe" in serve.log.read_text()
        assert not any(os.path.exists(f"/proc/{pid}") for pid in started)
    finally:
        serve.stop()


def test_serve_is_closed_by_default(tmp_path):
    for options, answer in {
        ("--http", "0.0.0.0:5780"): "so the fleet needs tokens",
        ("--http", "0.0.0.0:5780", "--tokens", "tokens"): "without TLS anybody on the way can read tokens",
        ("--bind", "tcp://*:5700"): "so the fleet needs keys",
    }.items():
        refused(run(tmp_path, "serve", *options), answer, "See 'sonarsweep serve --help'", code=64)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", sorted({tuple(c[:1]) for c in COMMANDS} | {("serve",), ("tokens", "add")}), ids=" ".join)
def test_help_has_examples(tmp_path, command):
    done = run(tmp_path, *command, "--help")
    assert done.returncode == 0 and f"sonarsweep {' '.join(command)}" in done.stdout.split("Example")[1]
