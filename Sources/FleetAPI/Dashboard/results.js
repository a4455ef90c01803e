// What a job has found so far: figures and findings, made again as units commit, and the units that failed.

import { jobPath } from "./client.js";
import { notify } from "./dialogs.js";
import { byId, element, KeyedList, scroller, setAttribute, setText, table } from "./elements.js";
import { hasEnded } from "./fleet.js";
import { count, measured, plural } from "./format.js";

/** Milliseconds between two looks at a running job's results, which the server computes. */
const pause = 3000;
const patience = 15_000;
const firstPause = 500;
const longestPause = 60_000;
/** Pixels between figures. */
const figureGap = 24;
const failuresAtATime = 100;
const rowsOfAQuestion = 100;
/** Analyses by what a researcher looks at first: what the sweep is about, then what holds for any. */
const order = ["path", "pairs", "centroids", "logistic", "success", "pca", "neighbours", "dimensions", "decodes"];

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
  #findings = new KeyedList(byId("findings"), makeAnalysis, showAnalysis);
  /** Until the report of a job that is done is looked for again. */
  #pause = firstPause;

  constructor(api) {
    this.api = api;
  }

  open(id) {
    this.#stop.abort();
    this.#stop = new AbortController();
    [this.#id, this.#job, this.#isLooking, this.#next, this.#seen, this.#failedSeen] = [id, null, false, 0, null, 0];
    this.#pause = firstPause;
    [this.#failures, this.#nextFailure] = [[], null];
    for (const image of byId("figures").querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.#figures.show([], (figure) => figure.name);
    this.#findings.show([], ([analysis]) => analysis);
    byId("failures").replaceChildren();
    for (const note of ["figures-note", "findings-note"]) setText(byId(note), "\u00a0");
  }

  /** Looks for new results where the job has committed more than is shown. */
  show(job) {
    if (hasEnded(job) && this.#job && !hasEnded(this.#job)) this.#next = 0;
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
      const areLast = [await this.#lookAtFigures(signal), await this.#lookAtFindings(signal)];
      const isFinal = areLast.every(Boolean);
      // The report of a job that is done takes the server a while.
      if (isFinal || job.phase !== "done") [this.#seen, this.#pause] = [stamp, firstPause];
      else [wait, this.#pause] = [this.#pause, Math.min(2 * this.#pause, longestPause)];
    } catch (error) {
      if (signal.aborted) return;
      setText(byId("figures-note"), error.message);
      wait = patience;
    }
    this.#isLooking = false;
    this.#next = Date.now() + wait;
  }

  /** Whether they are the last. */
  async #lookAtFigures(signal) {
    const answer = await this.api.get(jobPath(this.#id, "/figures"), signal);
    const figures = answer.figures.sort((a, b) => rank(a.name) - rank(b.name));
    const blobs = await Promise.all(figures.map((figure) => this.api.blob(figure.url, { signal })));
    this.#figures.show(figures, (figure) => figure.name);
    await Promise.all(figures.map((figure, i) => swapImage(byId("figures").children[i], blobs[i])));
    setText(byId("figures-note"), this.#basis(answer, figures.length, "figure"));
    byId("figures").dataset.units = answer.units;
    return answer.final;
  }

  /** Whether they are the last. */
  async #lookAtFindings(signal) {
    const answer = await this.api.get(jobPath(this.#id, "/findings"), signal);
    const analyses = [...Map.groupBy(answer.findings, (finding) => finding.analysis)];
    this.#findings.show(analyses.sort(([a], [b]) => rank(a) - rank(b)), ([analysis]) => analysis);
    setText(byId("findings-note"), this.#basis(answer, answer.findings.length, "finding"));
    return answer.final;
  }

  #basis({ units, final }, number, noun) {
    if (number === 0) return `No ${noun}s${final ? "" : " yet"}: the job's analyses give none over ${plural(units, "committed unit")}.`;
    const basis = `${plural(number, noun)} over ${plural(units, "committed unit")}`;
    return final ? `${basis}, final.` : `${basis} of ${count(this.#job.units)}; renewed as units commit.`;
  }

  // MARK: Failures

  async #lookAtFailures(job, signal) {
    const answer = await this.#failuresAfter(null, signal);
    [this.#failures, this.#nextFailure, this.#failedSeen] = [answer.records, answer.next, job.failed];
    this.#showFailures();
  }

  async #showMore(button) {
    const { signal } = this.#stop;
    button.disabled = true;
    try {
      const answer = await this.#failuresAfter(this.#nextFailure, signal);
      this.#failures.push(...answer.records);
      this.#nextFailure = answer.next;
      this.#showFailures();
    } catch (error) {
      button.disabled = false;
      if (!signal.aborted) notify(error.message, true);
    }
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
    const list = scroller("Failed units with their reasons", table("Unit by unit", columns, rows));
    const parts = [codesOf(this.#failures, this.#nextFailure !== null), list];
    if (this.#nextFailure !== null) parts.push(element("button", { type: "button", text: "Show more", click: (event) => this.#showMore(event.currentTarget) }));
    byId("failures").replaceChildren(...parts);
  }
}

/** How often each code came, the most frequent first, with the reason of one of them. */
function codesOf(records, isPart) {
  const codes = Map.groupBy(records, (record) => record.error?.code ?? "unknown");
  const kinds = [...codes].sort((a, b) => b[1].length - a[1].length).map(([code, list]) => element("li", {},
    element("strong", { text: `${count(list.length)} × ${code}` }), list[0].error ? `: ${list[0].error.message}` : ""));
  const part = isPart ? [element("p", { class: "muted", text: `Among the first ${count(records.length)}:` })] : [];
  return element("div", { id: "failure-codes" }, ...part, element("ul", {}, ...kinds));
}

/** Where an analysis, or a figure named for one, comes in the order. */
function rank(name) {
  const place = order.findIndex((analysis) => name === analysis || name.startsWith(`${analysis}-`));
  return place < 0 ? order.length : place;
}

/** Figures of any height lie without gaps: each takes as many of the grid's rows, of a pixel each, as it is high. */
const heights = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  target.style.gridRowEnd = `span ${Math.ceil(target.offsetHeight) + figureGap}`;
}));

function makeFigure(figure) {
  const node = element("figure", { "data-name": figure.name }, element("h4", { text: figure.name }),
    scroller(figure.name, element("img", { alt: "" })), element("figcaption", {}));
  heights.observe(node);
  return node;
}

/** The new picture takes the old one's place once it is there, so that nothing flickers. */
async function swapImage(figure, blob) {
  const old = figure.querySelector("img");
  const { title, description } = await aboutDrawing(blob);
  setText(figure.querySelector("h4"), title || figure.dataset.name);
  setText(figure.querySelector("figcaption"), description);
  const image = element("img", { alt: title || figure.dataset.name, src: URL.createObjectURL(blob) });
  setAttribute(figure.querySelector(".scroll"), "aria-label", title || figure.dataset.name);
  await image.decode().catch(() => {});
  old.replaceWith(image);
  figure.classList.toggle("tall", image.naturalHeight > 2 * image.naturalWidth);
  URL.revokeObjectURL(old.src);
}

/** What a drawing says of itself. Only this part is parsed: the policy of this page has no place for the drawing's styles. */
async function aboutDrawing(blob) {
  const [part = ""] = (await blob.text()).match(/<title[^>]*>[^<]*<\/title>\s*(<desc[^>]*>[^<]*<\/desc>)?/) ?? [];
  const root = new DOMParser().parseFromString(`<svg>${part}</svg>`, "image/svg+xml");
  return { title: root.querySelector("title")?.textContent ?? "", description: root.querySelector("desc")?.textContent ?? "" };
}

const questionsOf = new WeakMap();

/** What an analysis found. Tables change in their places, which keep the focus and how far they are scrolled. */
function makeAnalysis([analysis]) {
  const questions = element("div", { class: "questions" });
  const node = element("section", {}, element("h4", { text: analysis }), questions);
  questionsOf.set(node, new KeyedList(questions, ([question]) => scroller(question),
    (place, [question, findings]) => place.replaceChildren(findingsTable(question, findings))));
  return node;
}

function showAnalysis(node, [, findings]) {
  questionsOf.get(node).show([...Map.groupBy(findings, (finding) => finding.question)], ([question]) => question);
}

/** A measure that all rows share is the head of their values. */
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
    ...(measures.size > 1 ? [words(finding.measure)] : []), ...labels.map((name) => finding.labels[name] ?? "all"), measured(finding.value),
    ...(hasInterval ? [finding.low === null ? "" : `${measured(finding.low)} to ${measured(finding.high)}`] : []),
    count(finding.n), ...(hasP ? [finding.p_value === null ? "" : measured(finding.p_value)] : []),
  ]);
  const rest = findings.length > rows.length ? `${question} (the first ${count(rows.length)} of ${count(findings.length)})` : question;
  return table(rest, columns, rows);
}
