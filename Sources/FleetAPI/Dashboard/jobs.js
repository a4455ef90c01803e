// The table of jobs, with a search and a filter by phase. Of many jobs only as many rows exist as are shown.

import { byId, cell, element, KeyedList, ProgressBar, setAttribute, setText } from "./elements.js";
import { hasEnded, phases } from "./fleet.js";
import { count, duration, percent, rate, shortTime, unknown } from "./format.js";
import { jobLink, phaseSigns, showPhase } from "./status.js";

const page = 25;
const parts = new WeakMap();

export class JobsTable {
  #phase = null;
  #limit = page;
  #isStalled = false;
  #rows = new KeyedList(byId("jobs"), makeRow, (row, job) => updateRow(row, job, this.#isStalled));
  #buttons = new Map();

  /** `onChange` is called when other jobs are to be shown. */
  constructor(onChange) {
    byId("job-search").addEventListener("input", () => this.#restart(onChange));
    byId("more-jobs").addEventListener("click", () => {
      const next = byId("jobs").childElementCount;
      this.#limit += page;
      onChange();
      byId("jobs").children[next]?.querySelector("a").focus();
    });
    for (const phase of [null, ...phases]) {
      const button = element("button", { type: "button", click: () => this.#filter(phase, onChange) });
      this.#buttons.set(phase, button);
      byId("phases").append(button);
    }
  }

  #filter(phase, onChange) {
    this.#phase = phase;
    this.#restart(onChange);
  }

  #restart(onChange) {
    this.#limit = page;
    onChange();
  }

  show(fleet) {
    const all = fleet.sortedJobs();
    this.#isStalled = fleet.state().kind === "stalled";
    const words = byId("job-search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((job) => (!this.#phase || job.phase === this.#phase) && matches(job, words));
    this.#rows.show(found.slice(0, this.#limit), (job) => job.id);
    const rest = Math.max(0, found.length - this.#limit);
    byId("more-jobs").hidden = rest === 0;
    setText(byId("more-jobs"), `Show ${count(Math.min(page, rest))} more of ${count(found.length)}`);
    byId("no-jobs").hidden = found.length > 0;
    setText(byId("no-jobs"), all.length > 0 ? "No job matches." : "No jobs yet. Submit one here, or by: sonarsweep submit job.yaml");
    this.#showPhases(fleet.counts(), all.length);
  }

  #showPhases(counts, total) {
    for (const [phase, button] of this.#buttons) {
      setText(button, phase ? `${phaseSigns[phase]} ${phase} ${count(counts[phase])}` : `all ${count(total)}`);
      setAttribute(button, "aria-pressed", String(phase === this.#phase));
      button.hidden = phase !== null && counts[phase] === 0 && phase !== this.#phase;
    }
  }
}

function matches(job, words) {
  if (words.length === 0) return true;
  const text = [job.id, job.owner, job.kind, job.model, job.phase, job.problem].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function makeRow(job) {
  const link = element("a", { href: jobLink(job.id), text: job.name });
  const bar = new ProgressBar(`Progress of ${job.id}`);
  const part = {
    link, bar, phase: element("span", { class: "badge" }), share: element("span", { class: "share" }),
    units: cell("Units", { class: "number" }), rate: cell("Units/s", { class: "number" }), left: cell("Time left", { class: "number" }),
    failures: element("a", { href: jobLink(job.id, "failures") }), priority: cell("Priority", { class: "number" }), owner: cell("Owner", { class: "owner" }),
  };
  const name = element("th", { role: "rowheader", scope: "row" }, link, element("span", { class: "id", text: job.id.slice(-8) }));
  const row = element("tr", { role: "row" }, name, cell("Phase", {}, part.phase), cell("Progress", { class: "progress-cell" }, element("div", { class: "with-share" }, bar.node, part.share)),
    part.units, part.rate, part.left, cell("Failed", { class: "number" }, part.failures), part.priority, part.owner);
  row.addEventListener("click", (event) => {
    if (!event.target.closest("a, button") && !getSelection().toString()) link.click();
  });
  parts.set(row, part);
  return row;
}

function updateRow(row, job, isStalled) {
  const part = parts.get(row);
  showPhase(part.phase, job.phase);
  part.bar.show({ ...job, whole: job.units });
  setText(part.share, percent(job.committed, job.units));
  setText(part.units, `${count(job.committed)} / ${count(job.units)}`);
  setText(part.rate, hasEnded(job) ? unknown : rate(job.units_per_second));
  setText(part.left, hasEnded(job) ? (job.ended_at ? `ended ${shortTime(job.ended_at)}` : unknown) : isStalled ? unknown : duration(job.seconds_left));
  part.left.classList.toggle("muted", hasEnded(job));
  setText(part.failures, count(job.failed));
  part.failures.classList.toggle("bad", job.failed > 0);
  setAttribute(part.failures, "aria-label", job.failed > 0 ? `${count(job.failed)} failed units of ${job.name}` : null);
  setAttribute(part.failures, "href", job.failed > 0 ? jobLink(job.id, "failures") : null);
  setText(part.priority, job.priority);
  setText(part.owner, job.owner || unknown);
  setAttribute(part.owner, "title", job.owner || null);
}
