"""The dashboard in a real browser, before a real fleet: https://chromedevtools.github.io/devtools-protocol.

SONARSWEEP_SCREENSHOTS names a directory for pictures of what the tests see.
"""

import base64
import json
import os
import re
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "Conformance"))

from accessibility import contrast, headings, nameless, tab_order  # noqa: E402
from browser import Browser, find  # noqa: E402
from jobs import LONG, TOO_LONG_CORPUS  # noqa: E402
from support import BINARY, Program, sonarsweep, wait_for  # noqa: E402

pytestmark = pytest.mark.skipif(find() is None, reason="needs chromium: make deps-test")

SHORT = """
name: short
sweep: {kind: position, language: eng_Latn, tokens: [dog], fillers: [_], length: 4}
decode: {languages: [eng_Latn], max_tokens: 8}
"""
TOO_LONG = """
name: too-long
sweep: {kind: labelled, file: corpus.tsv, language: eng_Latn}
"""
HOSTILE = """
name: hostile
sweep: {kind: labelled, file: corpus.tsv, language: eng_Latn}
"""
MARKUP = "<img src=x onerror=alert(1)>"


class Service:
    """A coordinator with its HTTP interface, an aggregator and workers."""

    def __init__(self, directory, sockets):
        self.directory, self.endpoint = directory, f"ipc://{sockets}/coordinator"
        self.tokens = {role: self.token(role) for role in ("read", "submit", "admin")}
        self.programs, self.workers = [], []
        self.start_coordinator("*")
        self.start("aggregator", "--bind", f"ipc://{sockets}/aggregator", "--results", directory / "results")

    def token(self, role):
        done = sonarsweep("tokens", "add", f"{role}-person", "--role", role, "--tokens", self.directory / "tokens")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def start(self, role, *options):
        log = self.directory / f"{role}-{len(self.programs)}.log"
        program = Program(log, BINARY, role, "--coordinator", self.endpoint, *options)
        self.programs.append(program)
        return program

    def start_coordinator(self, port):
        log = self.directory / f"coordinator-{len(self.programs)}.log"
        self.coordinator = Program(
            log, BINARY, "coordinator", "--bind", self.endpoint, "--http", f"127.0.0.1:{port}", "--tokens",
            self.directory / "tokens", "--results", self.directory / "results", "--state", self.directory / "state")
        self.programs.append(self.coordinator)
        self.coordinator.line()
        # Both lines may have come at once.
        self.url = self.coordinator.process.stdout.readline().split()[-1]

    def restart_coordinator(self):
        """On the same port, as a browser knows no other."""
        self.start_coordinator(self.url.rpartition(":")[2])

    def add_workers(self, count):
        known = len(self.get("api/v1/workers")["workers"])
        self.workers += [self.start("worker", "--model", "sonar-mini") for _ in range(count)]
        wait_for(lambda: len(self.get("api/v1/workers")["workers"]) == known + count, "the workers to join")

    def ask(self, method, path, body=None, role="admin"):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/{path}", data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def get(self, path):
        return self.ask("GET", path)

    def submit(self, text, priority=10, assets=None):
        assets = {name: base64.b64encode(text.encode()).decode() for name, text in (assets or {}).items()}
        body = {"file": "job.yaml", "text": text, "assets": assets}
        return self.ask("POST", f"api/v1/jobs?priority={priority}", body, role="submit")["id"]

    def job(self, job):
        return self.get(f"api/v1/jobs/{job}")

    def wait_until(self, job, phase):
        wait_for(lambda: self.job(job)["phase"] == phase, f"{job} to be {phase}", 120)

    def close(self):
        for program in reversed(self.programs):
            program.stop()


@pytest.fixture
def service(tmp_path):
    sockets = tempfile.mkdtemp(prefix="sonarsweep-test-", dir="/tmp")
    service = Service(tmp_path, sockets)
    yield service
    service.close()
    shutil.rmtree(sockets)


class Page(Browser):
    """The dashboard as somebody sees it."""

    def visit(self, service, width=1280, height=900, role="admin", **look):
        """Opens it with a token, as if signed in before."""
        self.service = service
        self.open(f"{service.url}/", width, height, **look)
        self.sign_in(role)

    def sign_in(self, role):
        self.wait("document.querySelector('#login').open", "to be asked for a token")
        self.type(self.service.tokens[role])
        self.press("Enter")
        self.wait("!document.querySelector('#login').open", "to be let in")
        self.wait("document.querySelector('#state').dataset.kind !== 'connecting'", "the fleet to be shown")

    def kind(self, kind):
        self.wait(f"document.querySelector('#state').dataset.kind === '{kind}'", f"the state {kind}")

    def row(self, job):
        """The CSS selector of a job's row."""
        return f"#jobs tr:has(a[href='#job/{job}'])"

    def progress(self, selector):
        return int(self.evaluate(f"document.querySelector({json.dumps(selector + ' .progress')}).getAttribute('aria-valuenow')"))

    def open_job(self, job):
        self.click(f"{self.row(job)} th a")
        self.wait("!document.querySelector('#job-view').hidden && document.querySelector('#job-title').textContent")

    def focus(self):
        """What has the focus: its id, or else its text."""
        return self.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")

    def picture(self, name):
        directory = os.environ.get("SONARSWEEP_SCREENSHOTS")
        if directory:
            Path(directory).mkdir(parents=True, exist_ok=True)
            self.screenshot(Path(directory) / f"{name}.png")

    def check(self, *statuses):
        """Nothing was asked of anybody else, and the console says nothing but of answers with these statuses."""
        hosts = {url.removeprefix("blob:") for url in self.requests() if not url.startswith("data:")}
        assert all(url.startswith(f"{self.service.url}/") for url in hosts), hosts
        for event in self.said():
            entry = json.dumps(event["params"])
            status = re.search(r"responded with a status of (\d+)", entry)
            lost = "net::ERR" in entry and 0 in statuses
            assert lost or (status and int(status[1]) in statuses), entry


@pytest.fixture
def page(tmp_path):
    page = Page(tmp_path / "profile")
    yield page
    page.close()


def test_a_wrong_token_is_refused_and_a_right_one_is_kept(service, page):
    page.service = service
    page.open(f"{service.url}/", 1280)
    page.wait("document.querySelector('#login').open", "to be asked for a token")
    page.picture("login")
    page.press("Escape")
    assert page.evaluate("document.querySelector('#login').open"), "there is nothing behind the question"
    page.type("sonarsweep_of_somebody_else")
    page.press("Enter")
    page.wait("document.querySelector('#login-problem').textContent", "to be told that the token is wrong")
    page.evaluate("document.querySelector('#token').select()")
    page.sign_in("admin")
    assert page.text("#who") == "admin-person, admin"
    page.kind("waiting")
    assert "Waiting for jobs" in page.text("#headline")
    page.call("Page.reload")
    page.wait("document.querySelector('#who')?.textContent === 'admin-person, admin'", "the token to be remembered")
    page.check(401)
    assert page.evaluate("localStorage.length + document.cookie.length") == 0
    page.click("#sign-out")
    page.wait("document.querySelector('#login')?.open && !document.querySelector('#who').textContent")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_running_job_is_seen_to_move_and_can_be_steered(service, page):
    page.visit(service)
    job = service.submit(LONG)
    page.wait(f"document.querySelector(\"{page.row(job)}\")", "the job to appear")
    page.kind("stalled")
    assert "Waiting for workers" in page.text("#headline")
    service.add_workers(2)
    page.kind("working")
    page.wait("document.querySelectorAll('#workers tr[data-state=working]').length === 2", "both workers to work")
    page.wait("Number(document.querySelector('#rate').textContent) > 0", "a speed")
    page.wait("/ (s|min|h)/.test(document.querySelector('#time-left').textContent)", "the time left")
    page.wait("document.querySelector('#chart .curve')", "the throughput's curve")
    # Rows are changed in place.
    page.evaluate(f"window.row = document.querySelector(\"{page.row(job)}\")")
    committed = f"document.querySelector(\"{page.row(job)} td:nth-of-type(3)\").textContent"
    before = page.evaluate(committed)
    page.wait(f"{committed} !== {json.dumps(before)}", "progress to move")
    assert page.evaluate(f"window.row === document.querySelector(\"{page.row(job)}\")")
    # What each worker computes, and how fast.
    lease = json.loads(page.evaluate("""JSON.stringify([...document.querySelectorAll('#workers tr')].map((row) => ({
        link: row.querySelector('.lease a').hash, units: row.querySelector('.range').textContent, rate: row.cells[3].textContent})))"""))
    assert len(lease) == 2 and all(entry["link"] == f"#job/{job}" for entry in lease), lease
    assert all(re.match(r"units [\d,]+ to [\d,]+, \d+%", entry["units"]) for entry in lease), lease
    page.wait("[...document.querySelectorAll('#workers tr')].every((row) => Number(row.cells[3].textContent) > 0)", "each worker's speed")
    page.picture("working")

    page.open_job(job)
    page.wait("/of 12,000 units/.test(document.querySelector('#job-tiles').textContent)", "the job's own numbers")
    page.wait("/done at about \\d\\d:\\d\\d/.test(document.querySelector('#job-tiles').textContent)", "when it will be done")
    page.wait("document.querySelectorAll('#figures img').length > 0", "figures of a running job")
    page.wait("document.querySelectorAll('#findings table').length > 0", "findings of a running job")
    assert "renewed as units commit" in page.text("#figures-note")
    assert page.evaluate("[...document.querySelectorAll('#figures img')].every((image) => image.naturalWidth > 0)")
    path = "document.querySelector('#figures figure[data-name^=path] img').src"
    units, source = page.evaluate("Number(document.querySelector('#figures').dataset.units)"), page.evaluate(path)
    page.wait(f"Number(document.querySelector('#figures').dataset.units) > {units} && {path} !== {json.dumps(source)}",
              "the position path to grow")
    page.picture("job")

    page.click("#pause")
    page.wait("document.querySelector('#job-phase').dataset.phase === 'paused'")
    assert service.job(job)["phase"] == "paused"
    page.kind("waiting")
    page.click("#resume")
    page.wait("document.querySelector('#job-phase').dataset.phase === 'running'")
    page.evaluate("document.querySelector('#priority').select()")
    page.type("55")
    page.click("#priority-form button")
    wait_for(lambda: service.job(job)["priority"] == 55, "the priority to be 55")
    page.click("#cancel")
    page.wait("document.querySelector('#confirm').open")
    page.picture("confirm")
    page.press("Escape")
    assert service.job(job)["phase"] == "running", "Escape is no"
    page.click("#cancel")
    page.click("#confirm-yes")
    page.wait("document.querySelector('#job-phase').dataset.phase === 'cancelled'")
    assert service.job(job)["phase"] == "cancelled"
    assert not page.evaluate("document.querySelector('#pause').checkVisibility()")
    page.click("#back")
    page.wait(f"document.querySelector(\"{page.row(job)} [data-phase=cancelled]\")")
    page.check(401)


def test_failed_units_are_told_with_their_reasons(service, page):
    service.add_workers(1)
    job = service.submit(TOO_LONG, assets={"corpus.tsv": TOO_LONG_CORPUS})
    service.wait_until(job, "done")
    page.visit(service)
    link = f"#attention a[href='#job/{job}/failures']"
    page.wait(f"document.querySelector(\"{link}\")", "the failures to be pointed out")
    page.click(f"{page.row(job)} td a")
    page.wait("document.querySelectorAll('#failures tbody tr').length > 0", "the failed units")
    page.wait("document.activeElement.id === 'failures-title'", "to be led to them")
    failed = service.get(f"api/v1/jobs/{job}/records?status=failed")["records"]
    assert len(failed) == service.job(job)["failed"] == 3
    assert page.evaluate("document.querySelectorAll('#failures tbody tr').length") == len(failed)
    assert failed[0]["error"]["message"] in page.text("#failures tbody")
    assert page.text("#failure-codes li") == f"3 × {failed[0]['error']['code']}: {failed[0]['error']['message']}"
    assert page.text("#retry") == f"Retry {len(failed)} failed units"
    page.picture("failures")
    page.look(360, 740)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.look(1280, 900)
    page.click("#retry")
    page.wait("[...document.querySelectorAll('.notice')].some((n) => n.textContent.includes('again'))", "the retry to be told")
    assert not page.evaluate("document.querySelector('.notice.problem')")
    page.check(401)


def test_lost_processes_are_told(service, page):
    service.submit(LONG)
    service.add_workers(2)
    page.visit(service)
    page.kind("working")
    page.wait("document.querySelectorAll('#workers tr[data-state=working]').length === 2")
    service.workers[0].kill()
    page.wait("document.querySelectorAll('#workers tr[data-state=gone]').length === 1", "the lost worker to be told")
    page.wait("/was lost at/.test(document.querySelector('#attention').textContent)")
    page.kind("working")
    page.picture("worker-lost")
    service.coordinator.kill()
    page.kind("disconnected")
    assert "Trying again" in page.text("#detail") and "as of" in page.text("#detail")
    page.wait("document.title.startsWith('Disconnected')")
    page.picture("disconnected")
    service.restart_coordinator()
    page.click("#try-now")
    page.kind("working")
    assert not page.evaluate("document.body.classList.contains('stale')")
    aggregator = next(program for program in service.programs if "aggregator" in program.log.name)
    aggregator.kill()
    page.kind("stalled")
    page.picture("stalled")
    page.check(401, 0)
    # It would wait for an aggregator to take its records.
    service.workers[1].kill()


def test_everything_is_reached_by_keyboard(service, page):
    jobs = [service.submit(LONG), service.submit(SHORT)]
    page.visit(service)
    page.wait("document.querySelectorAll('#jobs tr').length === 2")
    page.evaluate("document.activeElement.blur(); document.querySelector('#skip').focus()")
    page.press("Enter")
    assert page.focus() == "main"
    seen = []
    while page.focus() != "long":
        page.press("Tab")
        seen.append(page.focus())
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus can be seen"
        assert len(seen) < 30, seen
    assert "submit-job" in seen and "job-search" in seen and any("queued" in name or "opening" in name or "running" in name for name in seen)
    page.press("Enter")
    page.wait("document.querySelector('#job-title').textContent === 'long'")
    assert page.focus() == "back"
    while page.focus() != "pause":
        page.press("Tab")
    page.press(" ")
    page.wait("document.querySelector('#job-phase').dataset.phase === 'paused'")
    assert page.focus() == "resume", "the focus is not lost with the button"
    while page.focus() != "cancel":
        page.press("Tab")
    page.press("Enter")
    page.wait("document.querySelector('#confirm').open")
    assert page.focus() == "confirm-no", "the harmless answer is the first"
    page.press("Escape")
    page.wait("!document.querySelector('#confirm').open")
    assert page.focus() == "cancel", "the focus is where it was"
    page.press("Escape")
    page.wait("!document.querySelector('#fleet-view').hidden")
    assert page.focus() == "long"
    assert service.job(jobs[0])["phase"] == "paused"
    page.check(401)


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_it_all_without_scrolling_sideways(service, page, dark):
    service.add_workers(1)
    done = service.submit(SHORT)
    service.wait_until(done, "done")
    running = service.submit(LONG)
    page.visit(service, 360, 740, dark=dark)
    page.kind("working")
    widths = "[document.documentElement.scrollWidth, document.body.scrollWidth]"
    assert max(page.evaluate(widths)) <= 360
    assert (page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)") == dark
    page.picture(f"phone-{'dark' if dark else 'light'}")
    page.open_job(done)
    page.wait("document.querySelectorAll('#figures img').length > 0 && document.querySelectorAll('#findings table').length > 0")
    assert max(page.evaluate(widths)) <= 360
    page.picture(f"phone-job-{'dark' if dark else 'light'}")
    page.look(1280, 900, dark=dark, still=True)
    page.press("Escape")
    page.wait(f"document.querySelector(\"{page.row(running)}\").checkVisibility()")
    assert page.evaluate("getComputedStyle(document.querySelector('.progress rect')).transitionDuration") == "0s"
    page.picture(f"desktop-{'dark' if dark else 'light'}")
    page.check(401)


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_and_everything_has_a_name(service, page, dark):
    service.add_workers(1)
    failing = service.submit(TOO_LONG, assets={"corpus.tsv": TOO_LONG_CORPUS})
    service.wait_until(failing, "done")
    job = service.submit(LONG)
    page.visit(service, dark=dark)
    page.kind("working")
    page.wait("document.querySelector('#chart .curve') && document.querySelector('#attention a')")
    check_readable(page)
    page.open_job(job)
    page.wait("document.querySelectorAll('#figures img').length > 0 && document.querySelectorAll('#findings table').length > 0")
    check_readable(page)
    page.click("#cancel")
    page.wait("document.querySelector('#confirm').open")
    check_readable(page)
    page.press("Escape")
    page.press("Escape")
    page.click("#submit-job")
    check_readable(page)
    page.press("Escape")
    page.evaluate(f"location.hash = '#job/{failing}/failures'")
    page.wait("document.querySelectorAll('#failures tbody tr').length > 0")
    check_readable(page)
    service.coordinator.kill()
    page.kind("disconnected")
    check_readable(page)
    page.look(360, 740, dark=dark)
    small = page.evaluate("""[...document.querySelectorAll('button, input, textarea')].filter((node) => node.checkVisibility())
        .filter((node) => Math.min(node.offsetWidth, node.offsetHeight) < 24).map((node) => node.outerHTML)""")
    assert small == [], "a finger misses what is smaller than 24 pixels"
    page.check(401, 0)
    service.workers[0].kill()


def check_readable(page):
    """WCAG 2.2 AA as far as a script can tell: names, headings, contrast."""
    assert nameless(page) == []
    assert headings(page) == []
    assert contrast(page) == []


def test_the_focus_goes_where_the_eye_goes_and_nothing_is_announced_twice(service, page):
    service.add_workers(1)
    job = service.submit(LONG)
    page.visit(service)
    page.kind("working")
    page.wait(f"document.querySelector(\"{page.row(job)}\") && document.querySelector('#workers .lease a').checkVisibility()")
    seen, wanted = tab_order(page)
    assert seen == wanted, "each once, from the top to the bottom"
    assert page.evaluate("document.querySelectorAll('[tabindex]:not([tabindex=\"0\"], [tabindex=\"-1\"])').length") == 0
    regions = page.evaluate("[...document.querySelectorAll('[aria-live]')].map((node) => node.id).sort()")
    assert regions == ["headline", "notices"]
    # What stays the same is not said again as numbers come in.
    page.evaluate("""window.said = 0; window.heard = 0;
        new MutationObserver((list) => (said += list.length)).observe(document.querySelector('#headline'), {subtree: true, childList: true, characterData: true});
        new MutationObserver(() => (heard += 1)).observe(document.querySelector('#jobs'), {subtree: true, childList: true, characterData: true}); 0""")
    page.wait("window.heard >= 3", "numbers to come in")
    assert page.evaluate("window.said") == 0
    service.workers[0].kill()
    page.wait("window.said > 0", "the stall to be announced")
    page.kind("stalled")
    page.check(401)


def test_a_job_is_submitted_with_its_files(service, page, tmp_path):
    page.visit(service, role="submit")
    page.click("#submit-job")
    page.type("name: wrong\nsweep: {kind: nonsense}\n")
    page.click("#submit-form .primary")
    page.wait("document.querySelector('#submit-problem li')", "the mistakes")
    assert "job.yaml:2" in page.text("#submit-problem")
    page.picture("mistakes")
    (tmp_path / "hostile.yaml").write_text(HOSTILE)
    (tmp_path / "corpus.tsv").write_text("eng_Latn\tlabel\n" + "".join(
        f"the dog sleeps {'well ' * i}\t{MARKUP if i % 2 else 'plain'}\n" for i in range(8)))
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=root, selector="#submit-files")["nodeId"]
    page.call("DOM.setFileInputFiles", nodeId=node, files=[str(tmp_path / "hostile.yaml"), str(tmp_path / "corpus.tsv")])
    page.wait("document.querySelector('#submit-text').value.includes('hostile')", "the file to be read")
    page.click("#submit-form .primary")
    page.wait("document.querySelector('#job-title').textContent === 'hostile'", "the job's page")
    # What the corpus says stays text.
    service.add_workers(1)
    page.wait("document.querySelector('#job-phase').dataset.phase === 'done'", "the job to be done")
    page.wait(f"document.querySelector('#findings').textContent.includes({json.dumps(MARKUP)})", "the label among the findings")
    assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
    page.wait("document.querySelector('#figures-note').textContent.endsWith('final.')", "the report of a job that is done")
    page.click("[data-download=csv]")
    page.wait("!document.querySelector('[data-download=csv]').disabled")
    assert not page.evaluate("document.querySelector('.notice.problem')")
    page.check(401, 422)


def test_who_may_only_read_sees_no_actions(service, page):
    job = service.submit(SHORT)
    page.visit(service, role="read")
    page.wait(f"document.querySelector(\"{page.row(job)}\")")
    assert not page.evaluate("document.querySelector('#submit-job').checkVisibility()")
    page.open_job(job)
    assert not page.evaluate("[...document.querySelectorAll('#job-actions button')].some((button) => button.checkVisibility())")
    page.check(401)


def test_a_drained_worker_ends(service, page):
    service.add_workers(1)
    page.visit(service)
    page.click("#workers button")
    page.click("#confirm-yes")
    assert service.workers[0].wait() == 0
    page.wait("document.querySelector('#workers tr[data-state=gone]')")
    assert "lost" not in page.text("#attention")
    page.check(401)


def test_hundreds_of_jobs_stay_easy_to_look_at(service, page):
    texts = [f"name: probe-{i}\nmodel: none\nsweep: {{kind: null-probe, units: 10, dim: 8}}\n" for i in range(500)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(service.submit, texts))
    page.visit(service)
    page.wait("document.querySelector('#phases button').textContent === 'all 500'", "all jobs")
    assert page.evaluate("document.querySelectorAll('#jobs tr').length") == 25
    page.click("#more-jobs")
    assert page.evaluate("document.querySelectorAll('#jobs tr').length") == 50
    assert page.evaluate("document.activeElement === document.querySelectorAll('#jobs th a')[25]")
    page.click("#job-search")
    page.type("probe-499")
    page.wait("document.querySelectorAll('#jobs tr').length === 1")
    assert page.text("#jobs a") == "probe-499"
    page.check(401)
