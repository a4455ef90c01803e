"""What keeps the HTTP interface closed, and alive: tokens, origins, limits, times, and requests that are none."""

import contextlib
import http.client
import itertools
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from http_fleet import Events, HTTPFleet
from support import BINARY, children, sonarsweep, wait_for
from test_api import SHORT, empty

CHANGES = [("POST", "/api/v1/jobs"), ("PATCH", "/api/v1/jobs/x"), *(
    ("POST", f"/api/v1/jobs/x/{action}") for action in ("cancel", "pause", "resume", "retry"))]
DRAIN = ("POST", "/api/v1/workers/x/drain")
# 2,400 units, which a row of JSON each makes several megabytes.
BROAD = """
name: broad
sweep: {kind: position, language: eng_Latn, tokens: {ids: {from: 100, to: 159}}, fillers: [_, the], length: 20}
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = HTTPFleet(tmp_path_factory.mktemp("fleet"))
    yield fleet
    fleet.close()


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """One that waits for nobody, with results to fetch."""
    fleet = HTTPFleet(tmp_path_factory.mktemp("impatient"), "--http-timeout", "0.5", workers=1)
    fleet.wait_until(fleet.submit(BROAD), "done")
    yield fleet
    fleet.close()


@pytest.fixture(scope="module")
def open_fleet(tmp_path_factory):
    """One without tokens."""
    fleet = HTTPFleet(tmp_path_factory.mktemp("open"), tokens=False, aggregator=False)
    yield fleet
    fleet.close()


def operations(fleet):
    """(method, path, operation) of the document."""
    document = fleet.get("/openapi.json").json
    return [(method.upper(), path, operation) for path, item in document["paths"].items()
            for method, operation in item.items() if method != "parameters"]


def until_closed(connection):
    """All that comes until the other side closes."""
    with contextlib.suppress(ConnectionResetError):
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))
    return b""


# Tokens


def test_without_a_token_only_health_and_pages_are_answered(fleet):
    asked = operations(fleet)
    assert len(asked) > 20
    for method, path, operation in asked:
        answer = fleet.ask(method, path, role=None)
        if operation.get("security") == []:
            assert answer.status in (200, 503) and path in ("/healthz", "/readyz")
        else:
            answer.problem(401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for path in ("/", "/openapi.yaml", "/dashboard.js"):
        assert fleet.get(path, role=None).status == 200


@pytest.mark.parametrize("header", [
    "Bearer", "Bearer ", "Bearer nope", "Basic cmVhZDpyZWFk", "{token}", "Bearer {token} x", "Bearer {token}x", "Bearer é"])
def test_what_is_no_token_is_refused(fleet, header):
    header = header.format(token=fleet.tokens["admin"]).encode()
    fleet.get("/api/v1/jobs", headers={"Authorization": header}).problem(401)


def test_a_role_may_do_what_it_says_and_no_more(fleet):
    for method, path in [*CHANGES, DRAIN]:
        assert "this takes" in fleet.ask(method, path, role="read").problem(403)
    assert "this takes admin" in fleet.ask(*DRAIN, role="submit").problem(403)
    for method, path in CHANGES:
        assert fleet.ask(method, path, role="submit").status in (404, 415)
    assert fleet.ask(*DRAIN, role="admin").status == 404
    for role in ("read", "submit", "admin"):
        assert fleet.get("/api/v1/jobs", role=role).status == 200
        assert fleet.get("/api/v1/identity", role=role).json["role"] == role


def test_tokens_count_and_cease_to_count_at_once(fleet):
    token = fleet.add_token("visitor", "read")
    wait_for(lambda: fleet.get("/api/v1/identity", token=token).status == 200, "the new token to count")
    with Events(fleet, token=token) as events:
        assert events.response.status == 200
        fleet.revoke("visitor")
        wait_for(lambda: fleet.get("/api/v1/identity", token=token).status == 401, "it not to count")
        # An answer that goes on ends as well: this one would tell of the fleet and the workers each second.
        assert len(list(itertools.islice(events, 40))) < 40
    assert fleet.get("/api/v1/jobs", role="read").status == 200
    assert token not in fleet.token_file.read_text() and token not in fleet.coordinator.log.read_text()


def test_a_file_of_tokens_that_becomes_unreadable_locks_nobody_out_and_lets_nobody_in(fleet):
    content = fleet.token_file.read_text()
    stranger = fleet.add_token("stranger", "admin")
    fleet.token_file.write_text(fleet.token_file.read_text() + "another admin\n")

    def is_noticed():
        assert fleet.get("/api/v1/jobs", role="read").status == 200
        assert fleet.get("/api/v1/jobs", token=stranger).status == 401
        return "cannot be read; the former ones stay in force" in fleet.coordinator.log.read_text()

    wait_for(is_noticed, "the file to be looked at")
    fleet.token_file.write_text(content)


# Whoever has no token


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:80"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_without_tokens_other_sites_are_refused(open_fleet, headers):
    for method, path in (("GET", "/api/v1/jobs"), ("POST", "/api/v1/jobs"), ("GET", "/"), ("GET", "/nowhere")):
        assert "no tokens" in open_fleet.ask(method, path, headers=headers).problem(403)


def test_without_tokens_this_machine_may_do_everything(open_fleet):
    here = f"localhost:{open_fleet.port}"
    for headers in ({}, {"Host": here, "Origin": f"http://{here}"}, {"Sec-Fetch-Site": "none"}):
        assert open_fleet.get("/api/v1/jobs", headers=headers).status == 200
        assert open_fleet.ask(*DRAIN, headers=headers).status == 404
    assert open_fleet.get("/api/v1/identity").json == {"name": "", "role": "admin"}


@pytest.mark.parametrize("options, says", [
    ([], "tokens"), (["--tokens", "tokens"], "TLS"), (["--tokens", "nowhere", "--plain-http"], "no file")])
def test_wider_than_this_machine_wants_tokens_and_tls(fleet, options, says):
    options = [str(fleet.token_file) if option == "tokens" else option for option in options]
    done = sonarsweep("coordinator", "--http", "0.0.0.0:*", *options)
    assert done.returncode != 0 and says in done.stderr and "HTTP on" not in done.stdout


def test_https(fleet, tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    other = HTTPFleet(tmp_path, "--certificate", certificate, "--certificate-key", key, aggregator=False)
    try:
        assert other.url.startswith("https://")
        context = ssl.create_default_context(cafile=certificate)
        with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", other.port, context=context)) as connection:
            connection.request("GET", "/api/v1/jobs", headers={"Authorization": f"Bearer {other.tokens['read']}"})
            assert connection.getresponse().status == 200
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            other.get("/healthz")
    finally:
        other.close()


# Requests that are none, or too much


def test_what_there_is_not_is_a_problem_document(fleet):
    for path in ("/nowhere", "/api", "/api/v1", "/api/v1/jobs/", "/api/v1/jobs//records", "//", "/api/v2/jobs", "/index.html"):
        assert "there is nothing at" in fleet.get(path).problem(404)
    for method, path, allowed in (
            ("DELETE", "/api/v1/jobs", "GET, HEAD, POST"), ("PUT", "/api/v1/jobs/x", "GET, HEAD, PATCH"),
            ("POST", "/healthz", "GET, HEAD"), ("OPTIONS", "/api/v1/fleet", "GET, HEAD"), ("TRACE", "/", "GET, HEAD"),
            ("GET", "/api/v1/jobs/x/cancel", "POST"), ("PROPFIND", "/", "GET, HEAD")):
        answer = fleet.ask(method, path)
        answer.problem(405)
        assert ", ".join(sorted(answer.headers["Allow"].split(", "))) == allowed


@pytest.mark.parametrize("name", [
    "..", "%2e%2e", "..%2F..%2Fetc", "..%2f", ".", "%2e", "%00", "x%00y", "/etc/passwd", "%2Fetc%2Fpasswd", "a" * 300,
    "..%5c..", ".submitted", "*", "%ff%fe", "~"])
def test_no_name_leads_out_of_the_results(fleet, name):
    (fleet.results / ".submitted").mkdir(parents=True, exist_ok=True)
    (fleet.directory / "secret.svg").write_text("<svg>secret</svg>")
    (fleet.directory / "figures").mkdir(exist_ok=True)
    for path in ("", "/records", "/findings", "/figures", "/report", "/export?format=csv", f"/figures/{name}"):
        answer = fleet.get(f"/api/v1/jobs/{name}{path}")
        answer.problem(404)
        assert "secret" not in answer.body.decode()
    fleet.post(f"/api/v1/workers/{name}/drain").problem(404)


@pytest.mark.parametrize("name", ["..%2F..%2F..%2Fsecret.svg", "..%2Freport.html", "%2e%2e%2freport.html", "../report.html"])
def test_no_figure_is_another_file(impatient, name):
    (impatient.directory / "secret.svg").write_text("<svg>secret</svg>")
    impatient.get(f"/api/v1/jobs/broad/figures/{name}").problem(404)


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data"}])
def test_other_media_types_are_refused(fleet, headers):
    assert "application/yaml" in fleet.post("/api/v1/jobs", SHORT.encode(), headers=headers).problem(415)
    assert "application/json" in fleet.ask("PATCH", "/api/v1/jobs/x", b"{}", headers=headers).problem(415)


def test_answers_are_not_made_into_what_the_client_wants(fleet):
    for accept in ("text/html", "image/*", "application/json;q=0"):
        fleet.get("/api/v1/jobs", headers={"Accept": accept}).problem(406)
    for accept in ("*/*", "application/*", "application/json", "text/html, application/json;q=0.5"):
        assert fleet.get("/api/v1/jobs", headers={"Accept": accept}).status == 200


def test_bodies_are_bounded(fleet):
    """Whether a body says how long it is, or just goes on."""
    for method, path, limit in (("PATCH", "/api/v1/jobs/x", 64 << 10), ("POST", "/api/v1/jobs", 64 << 20)):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {fleet.tokens['submit']}"}
        if method == "PATCH":
            path = f"/api/v1/jobs/{fleet.submit(empty('bounded'))}"
        with contextlib.closing(fleet.connection()) as connection:
            connection.request(method, path, headers={**headers, "Content-Length": str(limit + 1)})
            response = connection.getresponse()
            assert response.status == 413 and str(limit).encode() in response.read()
        with contextlib.closing(fleet.connection()) as connection:
            connection.putrequest(method, path)
            for name, value in {**headers, "Transfer-Encoding": "chunked"}.items():
                connection.putheader(name, value)
            connection.endheaders()
            with contextlib.suppress(ConnectionError):
                for _ in range(2 * limit >> 15):
                    connection.send(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
                connection.send(b"0\r\n\r\n")
            assert connection.getresponse().status == 413


@pytest.mark.parametrize("text", [
    b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 500 + b"\r\n", b"GET /" + b"y" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_not_http_is_refused_and_harms_nobody(fleet, text):
    with fleet.raw() as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
        answer = until_closed(connection)
    statuses = [line.split()[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert statuses in ([], [b"400"], [b"401"]), answer
    assert fleet.get("/healthz").status == 200


@pytest.mark.parametrize("text", [
    "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi")),
    "[" * 100_000, "x" * 1_000_000, "\0", "name: short\n" * 2, "- " * 50_000])
def test_a_job_file_that_is_made_to_harm_is_a_mistake(fleet, text):
    fleet.ask_to_submit(text).problem(422)
    assert fleet.get("/healthz").status == 200


def test_every_answer_carries_what_keeps_browsers_safe(fleet):
    for path in ("/", "/api/v1/jobs", "/nowhere", "/healthz", "/metrics", "/openapi.json"):
        headers = fleet.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"] and not headers["Access-Control-Allow-Origin"]


# Time


@pytest.mark.parametrize("text", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_a_client_that_says_nothing_more_is_let_go(impatient, text):
    with impatient.raw() as connection:
        connection.sendall(text)
        until_closed(connection)


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(impatient):
    with impatient.raw() as connection, contextlib.suppress(ConnectionError):
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
        connection.settimeout(0.05)
        while True:  # Ends when it is closed.
            connection.sendall(b"y")
            with contextlib.suppress(TimeoutError):
                if not connection.recv(1 << 16):
                    break


@pytest.mark.parametrize("piecemeal", [False, True])
def test_a_body_that_does_not_come_is_not_waited_for(impatient, piecemeal):
    head = (f"PATCH /api/v1/jobs/broad HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {impatient.tokens['admin']}\r\n"
            "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n").encode()
    with impatient.raw() as connection:
        connection.sendall(head + b"{")
        if not piecemeal:
            until_closed(connection)
            return
        connection.settimeout(0.05)
        answer = b""
        while not answer:
            connection.sendall(b" ")
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_client_that_takes_in_nothing_gives_its_place_to_others(impatient):
    """More of them than there are downloads at a time."""
    head = (f"GET /api/v1/jobs/broad/export?format=jsonl&array=embedding HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {impatient.tokens['read']}\r\n\r\n").encode()
    with contextlib.ExitStack() as stack:
        for _ in range(12):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", impatient.port))
            connection.sendall(head)
        wait_for(lambda: any("export" in command for command in children(impatient.coordinator.pid).values()), "downloads")
        whole = impatient.get("/api/v1/jobs/broad/export?format=csv")
        assert whole.status == 200 and whole.body.count(b"\n") == 2401
        wait_for(lambda: not children(impatient.coordinator.pid), "the downloads to be given up")


def test_a_client_that_is_slow_is_served(impatient):
    with contextlib.closing(impatient.connection()) as connection:
        connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {impatient.tokens['read']}"})
        response = connection.getresponse()
        # Longer than the interface waits for anybody who does nothing.
        assert sum(response.readline().startswith(b"event: fleet") for _ in range(30)) >= 2


def test_it_ends_well_while_clients_connect(tmp_path):
    fleet = HTTPFleet(tmp_path)
    address = ("127.0.0.1", fleet.port)

    def connect():
        # Until nobody listens any more.
        with contextlib.suppress(OSError):
            while True:
                socket.create_connection(address, 1).close()

    try:
        with ThreadPoolExecutor() as pool:
            connecting = [pool.submit(connect) for _ in range(4)]
            fleet.coordinator.interrupt()
            assert fleet.coordinator.wait() == 0
            for each in connecting:
                each.result()
    finally:
        fleet.close()


def test_it_ends_though_clients_hold_on(tmp_path):
    fleet = HTTPFleet(tmp_path)
    try:
        with Events(fleet) as events, fleet.raw() as silent:
            assert next(iter(events))[0] == "fleet"
            fleet.coordinator.interrupt()
            assert fleet.coordinator.wait() == 0
            assert not until_closed(silent)
            with contextlib.suppress(http.client.IncompleteRead):
                for _ in events:
                    pass
    finally:
        fleet.close()
