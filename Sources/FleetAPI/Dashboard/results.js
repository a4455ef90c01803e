// What a job has found so far: figures and findings, made again as units commit, and the units that failed.

import { jobPath } from "./client.js";
import { byId, element, KeyedList, setAttribute, setText, table } from "./elements.js";
import { hasEnded } from "./fleet.js";
import { count, measured, plural } from "./format.js";

/** Milliseconds between two looks at a running job's results, which the server computes. */
const pause = 3000;
const patience = 15_000;
const failuresAtATime = 100;
const rowsOfAQuestion = 100;

export class JobResults {
  #id = null;
  #job = null;
  #stop = new AbortController();
  #isLooking = false;
  #next = 0;
  /** What the shown results and failures are of. */
  #seen = null;
  #failedSeen = 0;
  #failures = [];
  #nextFailure = null;
  #figures = new KeyedList(byId("figures"), makeFigure, () => {});

  constructor(api) {
    this.api = api;
  }

  open(id) {
    this.#stop.abort();
    this.#stop = new AbortController();
    [this.#id, this.#job, this.#isLooking, this.#next, this.#seen, this.#failedSeen] = [id, null, false, 0, null, 0];
    [this.#failures, this.#nextFailure] = [[], null];
    for (const image of byId("figures").querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.#figures.show([], (figure) => figure.name);
    byId("findings").replaceChildren();
    byId("failures").replaceChildren();
    for (const note of ["figures-note", "findings-note"]) setText(byId(note), "\u00a0");
  }

  /** Looks for new results where the job has committed more than is shown. */
  show(job) {
    this.#job = job;
    byId("failures-section").hidden = job.failed === 0;
    if (job.committed === 0) {
      setText(byId("figures-note"), "Nothing is committed yet.");
      setText(byId("findings-note"), "\u00a0");
    }
    const stamp = `${job.committed} ${hasEnded(job)}`;
    if (this.#isLooking || job.committed === 0 || stamp === this.#seen || Date.now() < this.#next || document.hidden) return;
    this.#look(job, stamp, this.#stop.signal);
  }

  async #look(job, stamp, signal) {
    this.#isLooking = true;
    if (this.#seen === null) setText(byId("figures-note"), "Analysing what is committed …");
    let wait = pause;
    try {
      if (job.failed !== this.#failedSeen) await this.#lookAtFailures(job, signal);
      await this.#lookAtFigures(signal);
      await this.#lookAtFindings(signal);
      this.#seen = stamp;
    } catch (error) {
      if (signal.aborted) return;
      setText(byId("figures-note"), error.message);
      wait = patience;
    }
    this.#isLooking = false;
    this.#next = Date.now() + wait;
  }

  async #lookAtFigures(signal) {
    const answer = await this.api.get(jobPath(this.#id, "/figures"), signal);
    const blobs = await Promise.all(answer.figures.map((figure) => this.api.blob(figure.url, { signal })));
    this.#figures.show(answer.figures, (figure) => figure.name);
    await Promise.all(answer.figures.map((figure, i) => swapImage(byId("figures").children[i], blobs[i])));
    setText(byId("figures-note"), this.#basis(answer, answer.figures.length, "figure"));
    byId("figures").dataset.units = answer.units;
  }

  async #lookAtFindings(signal) {
    const answer = await this.api.get(jobPath(this.#id, "/findings"), signal);
    showFindings(answer.findings);
    setText(byId("findings-note"), this.#basis(answer, answer.findings.length, "finding"));
  }

  #basis({ units, final }, number, noun) {
    const basis = `${plural(number, noun)} over ${plural(units, "committed unit")}`;
    return final ? `${basis}, final.` : `${basis} of ${count(this.#job.units)}; renewed as units commit.`;
  }

  // MARK: Failures

  async #lookAtFailures(job, signal) {
    const answer = await this.#failuresAfter(null, signal);
    [this.#failures, this.#nextFailure, this.#failedSeen] = [answer.records, answer.next, job.failed];
    this.#showFailures();
  }

  async #showMore() {
    const answer = await this.#failuresAfter(this.#nextFailure, this.#stop.signal);
    this.#failures.push(...answer.records);
    this.#nextFailure = answer.next;
    this.#showFailures();
  }

  #failuresAfter(unit, signal) {
    const after = unit === null ? "" : `&after=${unit}`;
    return this.api.get(jobPath(this.#id, `/records?status=failed&limit=${failuresAtATime}${after}`), signal);
  }

  #showFailures() {
    const labels = [...new Set(this.#failures.flatMap((record) => Object.keys(record.labels)))];
    const columns = [["unit", true], ...labels.map((name) => [name, false]), ["code", false], ["reason", false]];
    const rows = this.#failures.map((record) => [
      count(record.unit), ...labels.map((name) => record.labels[name] ?? ""), record.error?.code ?? "", record.error?.message ?? "",
    ]);
    const parts = [codesOf(this.#failures, this.#nextFailure !== null), table("Failed units with their reasons", columns, rows)];
    if (this.#nextFailure !== null) parts.push(element("button", { type: "button", text: "Show more", click: () => this.#showMore() }));
    byId("failures").replaceChildren(...parts);
  }
}

/** "token_unknown: 12, too_long: 3", the most frequent first. */
function codesOf(records, isPart) {
  const codes = Map.groupBy(records, (record) => record.error?.code ?? "unknown");
  const counts = [...codes].map(([code, list]) => [code, list.length]).sort((a, b) => b[1] - a[1]);
  const text = counts.map(([code, number]) => `${code}: ${count(number)}`).join(", ");
  return element("p", { class: "muted", text: `${isPart ? `Among the first ${count(records.length)}: ` : ""}${text}` });
}

function makeFigure(figure) {
  return element("figure", { "data-name": figure.name }, element("h4", { text: figure.name }),
    element("div", { class: "picture" }, element("img", { alt: "" })), element("figcaption", {}));
}

/** The new picture takes the old one's place once it is there, so that nothing flickers. */
async function swapImage(figure, blob) {
  const old = figure.querySelector("img");
  const { title, description } = await aboutDrawing(blob);
  setText(figure.querySelector("h4"), title || figure.dataset.name);
  setText(figure.querySelector("figcaption"), description);
  const image = element("img", { alt: title, src: URL.createObjectURL(blob) });
  await image.decode().catch(() => {});
  old.replaceWith(image);
  const isTall = image.naturalHeight > 2 * image.naturalWidth;
  figure.classList.toggle("tall", isTall);
  setAttribute(figure.firstElementChild, "tabindex", isTall ? 0 : null);
  URL.revokeObjectURL(old.src);
}

/** What a drawing says of itself. Only this part is parsed: the policy of this page has no place for the drawing's styles. */
async function aboutDrawing(blob) {
  const [part = ""] = (await blob.text()).match(/<title[^>]*>[^<]*<\/title>\s*(<desc[^>]*>[^<]*<\/desc>)?/) ?? [];
  const root = new DOMParser().parseFromString(`<svg>${part}</svg>`, "image/svg+xml");
  return { title: root.querySelector("title")?.textContent ?? "", description: root.querySelector("desc")?.textContent ?? "" };
}

/** A table for each question; a measure that all its rows share is the head of their values. */
function showFindings(findings) {
  const questions = Map.groupBy(findings, (finding) => finding.question);
  const places = [...byId("findings").children].map((node) => node.scrollTop);
  byId("findings").replaceChildren(...[...questions].map(([question, rows]) => findingsTable(question, rows)));
  [...byId("findings").children].forEach((node, i) => (node.scrollTop = places[i] ?? 0));
}

function findingsTable(question, findings) {
  const labels = [...new Set(findings.flatMap((finding) => Object.keys(finding.labels)))].sort();
  const measures = new Set(findings.map((finding) => finding.measure));
  const hasInterval = findings.some((finding) => finding.low !== null);
  const hasP = findings.some((finding) => finding.p_value !== null);
  const words = (measure) => measure.replaceAll("_", " ");
  const columns = [
    ...(measures.size > 1 ? [["measure", false]] : []), ...labels.map((name) => [name, false]), [measures.size > 1 ? "value" : words(findings[0].measure), true],
    ...(hasInterval ? [["95% interval", true]] : []), ["n", true], ...(hasP ? [["p", true]] : []),
  ];
  const rows = findings.slice(0, rowsOfAQuestion).map((finding) => [
    ...(measures.size > 1 ? [words(finding.measure)] : []), ...labels.map((name) => finding.labels[name] ?? ""), measured(finding.value),
    ...(hasInterval ? [finding.low === null ? "" : `${measured(finding.low)} to ${measured(finding.high)}`] : []),
    count(finding.n), ...(hasP ? [finding.p_value === null ? "" : measured(finding.p_value)] : []),
  ]);
  const rest = findings.length > rows.length ? `${question} (the first ${count(rows.length)} of ${count(findings.length)})` : question;
  return table(rest, columns, rows);
}
