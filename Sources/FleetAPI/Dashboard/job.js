// One job: how far it is, what can be done with it, and what it has found.

import { jobPath } from "./client.js";
import { attempt, confirm, notify } from "./dialogs.js";
import { byId, element, ProgressBar, setAttribute, setText, Tile } from "./elements.js";
import { finishing, hasEnded } from "./fleet.js";
import { bytes, count, dateAndTime, duration, percent, plural, rate, shortTime, unknown } from "./format.js";
import { JobResults } from "./results.js";
import { showPhase } from "./status.js";

const formats = [["csv", "CSV"], ["jsonl", "JSON Lines"], ["npy", "Embeddings (NPY)"], ["safetensors", "All arrays (safetensors)"]];
const facts = ["Kind", "Model", "Owner", "Submitted", "Started", "Ended", "Id"];

export class JobView {
  #bar = new ProgressBar("Progress of this job");
  #tiles = Array.from({ length: 4 }, () => new Tile());
  #facts = new Map();
  #results;
  #id = null;
  #job = null;

  /** `onJob(job)` hears of a job that an action changed. */
  constructor(api, fleet, onJob) {
    Object.assign(this, { api, fleet, onJob });
    this.#results = new JobResults(api);
    byId("job-tiles").append(...this.#tiles.map((tile) => tile.node));
    byId("job-progress").append(this.#bar.node);
    for (const name of facts) {
      const value = element("dd", {});
      this.#facts.set(name, value);
      byId("job-facts").append(element("div", {}, element("dt", { text: name }), value));
    }
    this.#listen();
    this.#makeDownloads();
  }

  #listen() {
    byId("pause").addEventListener("click", () => this.#act("pause", "paused"));
    byId("resume").addEventListener("click", () => this.#act("resume", "goes on"));
    byId("retry").addEventListener("click", () => this.#act("retry", "computes its failed units again"));
    byId("cancel").addEventListener("click", async () => {
      const detail = "What is committed stays. Submitting the job again goes on from there.";
      if (await confirm(`Cancel ${this.#job.name}?`, detail, "Cancel the job")) await this.#act("cancel", "is cancelled");
    });
    byId("priority-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const priority = Number(byId("priority").value);
      attempt(async () => {
        this.onJob(await this.api.patch(jobPath(this.#id), { priority }));
        delete byId("priority").dataset.edited;
        notify(`${this.#job.name} has priority ${priority}.`);
      });
    });
    byId("priority").addEventListener("input", () => (byId("priority").dataset.edited = "yes"));
  }

  #act(action, outcome) {
    return attempt(async () => {
      this.onJob(await this.api.post(jobPath(this.#id, `/${action}`)));
      notify(`${this.#job.name} ${outcome}.`);
      // The button that had the focus may be gone.
      if (document.activeElement === document.body) byId("job-actions").querySelector("button:not([hidden])")?.focus();
    });
  }

  /** Opens a job's page; null closes it. */
  open(id) {
    if (id === this.#id) return;
    this.#id = id;
    this.#job = null;
    delete byId("priority").dataset.edited;
    this.#results.open(id);
  }

  show() {
    if (this.#id === null) return;
    const job = this.fleet.jobs.get(this.#id);
    byId("job-body").hidden = !job;
    byId("no-job").hidden = Boolean(job) || !this.fleet.view;
    setText(byId("no-job"), `There is no job ${this.#id}.`);
    if (!job) return;
    this.#job = job;
    setText(byId("job-title"), job.name);
    showPhase(byId("job-phase"), job.phase);
    byId("job-problem").hidden = !job.problem;
    setText(byId("job-problem"), job.problem);
    this.#bar.show({ ...job, whole: job.units });
    tilesOf(job).forEach((content, i) => this.#tiles[i].show(...content));
    for (const [name, value] of factsOf(job)) {
      setText(this.#facts.get(name), value);
      this.#facts.get(name).parentElement.hidden = value === unknown;
    }
    this.#showActions(job);
    this.#results.show(job);
  }

  #showActions(job) {
    const may = this.fleet.may("submit");
    const isOpen = !hasEnded(job);
    byId("job-actions").hidden = !may || (!isOpen && job.failed === 0);
    byId("pause").hidden = !isOpen || job.phase === "paused";
    byId("resume").hidden = job.phase !== "paused";
    byId("cancel").hidden = byId("priority-form").hidden = !isOpen;
    byId("retry").hidden = job.failed === 0;
    setText(byId("retry"), `Retry ${plural(job.failed, "failed unit")}`);
    const input = byId("priority");
    if (!input.dataset.edited && input.value !== String(job.priority)) input.value = job.priority;
    byId("downloads").hidden = job.committed === 0;
  }

  #makeDownloads() {
    const add = (title, path, ending) => byId("downloads").append(
      element("button", { type: "button", text: title, "data-download": ending, click: (event) => this.#download(event.currentTarget, path, ending) }));
    for (const [format, title] of formats) add(title, `/export?format=${format}`, format);
    add("Report", "/report", "html");
  }

  /** Where there are tokens a link cannot carry one: the file is fetched and handed over. */
  async #download(button, path, ending) {
    const id = this.#id;
    const title = button.textContent;
    setAttribute(button, "aria-busy", "true");
    button.disabled = true;
    await attempt(async () => {
      const blob = await this.api.blob(jobPath(id, path), { onProgress: (length) => setText(button, `${title}: ${bytes(length)}`) });
      save(blob, `${id}.${ending}`);
    });
    setText(button, title);
    setAttribute(button, "aria-busy", null);
    button.disabled = false;
  }
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** `[title, value, note, isBad]` of each tile. */
function tilesOf(job) {
  const skipped = job.skipped > 0 ? `, ${count(job.skipped)} skipped` : "";
  const failed = job.failed > 0 ? `${percent(job.failed, job.committed)} of those committed` : hasEnded(job) ? "none" : "none so far";
  return [
    ["Progress", percent(job.committed, job.units), `${count(job.committed)} of ${plural(job.units, "unit")}${skipped}`],
    ...(hasEnded(job) ? pastTiles(job) : presentTiles(job)),
    ["Failed units", count(job.failed), failed, job.failed > 0],
  ];
}

function presentTiles(job) {
  const hint = { paused: "paused", queued: "waits for its turn", opening: "being opened" }[job.phase] ?? "unknown until units commit";
  const isKnown = job.phase === "running" && job.seconds_left !== null;
  return [
    ["Units per second", rate(job.units_per_second), `${plural(job.workers, "worker")}, ${plural(job.leases, "lease")}`],
    ["Time left", isKnown ? duration(job.seconds_left) : unknown, isKnown ? `done ${finishing(job.seconds_left)}` : hint],
  ];
}

/** What it took, pauses and waits for workers included. */
function pastTiles(job) {
  const seconds = job.started_at && job.ended_at ? (Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000 : null;
  return [
    ["Units per second", seconds > 0 ? rate(job.committed / seconds) : unknown, "on average"],
    ["Time taken", duration(seconds), job.ended_at ? `ended at ${shortTime(job.ended_at)}` : ""],
  ];
}

function factsOf(job) {
  return [
    ["Kind", job.kind],
    ["Model", `${job.model}, ${job.precision}`],
    ["Owner", job.owner || unknown],
    ["Submitted", dateAndTime(job.submitted_at)],
    ["Started", dateAndTime(job.started_at)],
    ["Ended", dateAndTime(job.ended_at)],
    ["Id", job.id],
  ];
}
