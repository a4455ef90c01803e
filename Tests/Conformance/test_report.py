"""A run's report as a browser shows it: on a phone and a desk, light, dark and on paper. Pictures are kept where the
variable SONARSWEEP_PICTURES names a directory."""

import csv
import json
import os
import re
import xml.etree.ElementTree as xml
from pathlib import Path

import browser
import pytest
from support import needs, query, run_job, sonarsweep

needs_browser = pytest.mark.skipif(browser.find() is None, reason="no chromium; make deps-test installs it")

SEEN = [(390, False), (390, True), (768, False), (1200, False), (1200, True)]


@pytest.fixture(scope="module", params=["position", "language"])
def report(request):
    store = request.getfixturevalue(request.param)
    file = store / "report.html"
    assert file.exists(), "run ends with a report"
    return file


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    page = browser.Browser(tmp_path_factory.mktemp("profile"))
    yield page
    page.close()


@pytest.fixture
def pictures(tmp_path):
    directory = Path(os.environ.get("SONARSWEEP_PICTURES", tmp_path))
    directory.mkdir(exist_ok=True)
    return directory


@needs_browser
@pytest.mark.parametrize("width, dark", SEEN)
def test_page_fits_the_screen_and_asks_for_nothing(report, page, pictures, width, dark):
    requests, said = page.open(report.as_uri(), width, dark=dark)
    page.screenshot(pictures / f"{report.parent.name}-{width}{'-dark' if dark else ''}.png")
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in requests if url.startswith("file:")]) == 1
    assert said == []
    # Only tables and code scroll sideways, in boxes of their own.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.scripts.length") == 0


@needs_browser
def test_text_of_figures_can_be_read_on_a_phone(report, page):
    page.open(report.as_uri(), 390)
    sizes = page.evaluate("""[...document.querySelectorAll('figure svg text')].map(text =>
      parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getBoundingClientRect().width
      / text.ownerSVGElement.viewBox.baseVal.width)""")
    assert sizes and min(sizes) >= 8


@needs_browser
def test_nothing_of_a_figure_is_cut_off(report, page):
    page.open(report.as_uri(), 1200)
    cut = page.evaluate("""[...document.querySelectorAll('figure svg')].flatMap(svg => {
      const box = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text')].filter(text => {
        const own = text.getBoundingClientRect();
        return own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 2 || own.bottom > box.bottom + 2;
      }).map(text => svg.querySelector('title').textContent + ': ' + text.textContent); })""")
    assert cut == []


@needs_browser
def test_dark_and_light_have_contrast(report, page):
    for dark in (False, True):
        page.open(report.as_uri(), 1200, dark=dark)
        low = page.evaluate("""(() => {
          const light = colour => { const c = colour.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; };
          const paper = light(getComputedStyle(document.body).backgroundColor);
          const ratio = colour => { const own = light(colour);
            return (Math.max(own, paper) + 0.05) / (Math.min(own, paper) + 0.05); };
          const text = [...document.querySelectorAll('p,td,th,h1,h2,h3,dt,dd,a,figcaption,footer')]
            .filter(e => ratio(getComputedStyle(e).color) < 4.5).map(e => e.textContent);
          const drawn = [...document.querySelectorAll('svg text.ink, svg text.muted')]
            .filter(e => ratio(getComputedStyle(e).fill) < 4.5).map(e => e.textContent);
          return text.concat(drawn); })()""")
        assert low == []


@needs_browser
def test_prints(report, page, pictures):
    page.open(report.as_uri(), 1200, dark=True, media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    file = pictures / f"{report.parent.name}.pdf"
    page.pdf(file)
    assert file.read_bytes().startswith(b"%PDF")


@needs_browser
def test_says_what_is_what_to_a_screen_reader(report, page):
    page.open(report.as_uri(), 1200)
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")]
    images = [name for role, name in roles if role in ("image", "img")]
    assert len(images) == page.evaluate("document.querySelectorAll('figure svg').length")
    assert all(images)
    assert page.evaluate("document.querySelectorAll('table:not(:has(caption))').length") == 0
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert page.evaluate("document.documentElement.lang") == "en"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(ids)) == len(ids)


def test_links_lead_somewhere(report):
    for link in re.findall(r'href="([^"]*)"', report.read_text()):
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in report.read_text()
        elif not link.startswith("data:"):
            assert (report.parent / link).exists(), link


def test_every_figure_has_an_svg_and_its_data(report):
    pictures = sorted(path.stem for path in (report.parent / "figures").glob("*.svg"))
    data = sorted(path.stem for path in (report.parent / "figures").glob("*.csv"))
    assert pictures and data == sorted(pictures + ["findings"])
    for path in (report.parent / "figures").glob("*.svg"):
        root = xml.parse(path).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.find("{http://www.w3.org/2000/svg}title").text
    for path in (report.parent / "figures").glob("*.csv"):
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert len({len(row) for row in rows}) == 1, path


def test_findings_are_those_of_the_catalogue(report):
    with open(report.parent / "figures/findings.csv", newline="", encoding="utf-8") as file:
        written = [(row["analysis"], row["measure"], float(row["value"]), int(row["n"])) for row in csv.DictReader(file)]
    stored = query(report.parent, "SELECT analysis, measure, value, n FROM findings ORDER BY id")
    assert written == stored


def test_again_gives_the_same_bytes(report):
    files = [report, *sorted((report.parent / "figures").iterdir())]
    before = [file.read_bytes() for file in files]
    (report.parent / "figures/old-figure.svg").write_text("<svg/>")
    done = sonarsweep("report", report.parent.name, "--results", report.parent.parent, "--output", "json", timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["problems"] == {}
    assert [file.read_bytes() for file in files] == before
    assert not (report.parent / "figures/old-figure.svg").exists()


def test_precision_is_said(tmp_path):
    needs("int8")
    job = tmp_path / "job.yaml"
    job.write_text("name: p\nprecision: int8\nsweep: {kind: position, language: eng_Latn, tokens: [dog], fillers: [_],"
                   " length: 4}\n")
    text = (run_job(job, tmp_path / "results") / "report.html").read_text()
    assert "Computed in int8" in text


def test_another_sweep_is_refused(position, language):
    done = sonarsweep("report", position.name, "--results", position.parent, "--job", "jobs/language.yaml")
    assert done.returncode == 1
    assert "axes" in done.stderr
