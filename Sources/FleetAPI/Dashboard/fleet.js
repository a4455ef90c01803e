// What is known of the fleet, and what that comes to in words.

import { bytes, count, duration, percent, plural, shortTime, timeOfDay } from "./format.js";

export const phases = ["running", "opening", "paused", "queued", "failed", "cancelled", "done"];
const ended = new Set(["done", "failed", "cancelled"]);

/** Workers that went are remembered so long, in milliseconds. */
const memory = 10 * 60_000;
/** A worker gives a sign of life every second: after so many without one it is worth a word. */
export const longSilence = 3;
/** The share of the disk below which room is scarce; monitoring's alert has the same. */
const scarce = 0.1;

export const hasEnded = (job) => ended.has(job.phase);

export class Fleet {
  view = null;
  jobs = new Map();
  workers = [];
  /** Workers that were there and are not any more: `{worker, at}`. */
  gone = new Map();
  /** Null while the stream flows, else why it does not and when the next attempt is. */
  loss = null;
  identity = null;
  /** When the last event came. */
  heardAt = 0;
  #announced = null;

  /** The stream starts again with everything there is. */
  connecting() {
    this.#announced = new Set();
  }

  /** Takes in an event of the stream. */
  hear(name, data) {
    this.loss = null;
    this.heardAt = Date.now();
    if (name === "fleet") this.view = data;
    if (name === "job") {
      this.jobs.set(data.id, data);
      this.#announced?.add(data.id);
    }
    if (name === "workers") this.#hearWorkers(data.workers);
  }

  #hearWorkers(workers) {
    // Everything there is ends with the workers: jobs that were not among it are forgotten.
    if (this.#announced) for (const id of this.jobs.keys()) if (!this.#announced.has(id)) this.jobs.delete(id);
    this.#announced = null;
    const present = new Set(workers.map((worker) => worker.id));
    for (const worker of this.workers) if (!present.has(worker.id)) this.gone.set(worker.id, { worker, at: Date.now() });
    for (const [id, { at }] of this.gone) if (present.has(id) || Date.now() - at > memory) this.gone.delete(id);
    this.workers = workers;
  }

  /** Open jobs first, those that run before those that wait; of the ended, the last first. */
  sortedJobs() {
    const rank = (job) => (hasEnded(job) ? 9 : phases.indexOf(job.phase));
    const time = (job) => (hasEnded(job) ? -Date.parse(job.ended_at ?? job.submitted_at) : Date.parse(job.submitted_at));
    const submission = (job) => (hasEnded(job) ? -Date.parse(job.submitted_at) : 0);
    return [...this.jobs.values()].map((job) => [rank(job), time(job), submission(job), job])
      .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || (a[3].id < b[3].id ? -1 : 1)).map((entry) => entry[3]);
  }

  /** How many jobs are in each phase. */
  counts() {
    const counts = Object.fromEntries(phases.map((phase) => [phase, 0]));
    for (const job of this.jobs.values()) counts[job.phase] += 1;
    return counts;
  }

  /** Seconds since the last event, by which what it said is older. */
  get age() {
    return this.heardAt ? (Date.now() - this.heardAt) / 1000 : 0;
  }

  /** `read`, `submit` or `admin`: whether the token allows what that role may. */
  may(role) {
    const roles = ["read", "submit", "admin"];
    return this.identity !== null && roles.indexOf(this.identity.role) >= roles.indexOf(role);
  }

  /** `{kind, headline, detail}`: the answer to "does it work?". */
  state() {
    if (this.loss) return this.#disconnected();
    if (!this.view) return { kind: "connecting", headline: "Connecting", detail: "" };
    if (this.view.problem) return { kind: "stalled", headline: `Stalled: ${this.view.problem}`, detail: this.#aggregatorDetail() };
    const counts = this.counts();
    const open = counts.running + counts.opening + counts.queued;
    if (open === 0) return waitingForJobs(counts);
    if (this.workers.length === 0) {
      return { kind: "stalled", headline: "Waiting for workers", detail: `${plural(open, "job")} to do, and no worker is connected.` };
    }
    const moving = [...this.jobs.values()].filter((job) => job.phase === "running" && !job.problem);
    const problems = [...this.jobs.values()].filter((job) => job.phase === "running" && job.problem);
    if (moving.length === 0 && problems.length > 0 && this.view.units_per_second === 0) {
      return { kind: "stalled", headline: `Stalled: ${problems[0].problem}`, detail: `This keeps ${plural(problems.length, "job")} from going on.` };
    }
    return { kind: "working", headline: "Working", detail: workingDetail(counts, this.view, this.workers) };
  }

  #disconnected() {
    const since = this.heardAt ? ` What you see is as of ${timeOfDay(this.heardAt)}.` : "";
    const wait = Math.max(0, Math.ceil((this.loss.until - Date.now()) / 1000));
    const next = wait > 0 ? `Trying again in ${wait} s.` : "Trying again.";
    return { kind: "disconnected", headline: `Disconnected: ${this.loss.reason}`, detail: `${next}${since}` };
  }

  #aggregatorDetail() {
    const { aggregator } = this.view;
    return aggregator ? "Nothing is lost: the fleet goes on once this is mended." : "No aggregator is connected, which writes the results.";
  }

  /** What a person should look at: `{job, text}` with the worst first. */
  attention() {
    const entries = [];
    const add = (kind, text, job = null) => entries.push({ kind, text, job });
    // The fleet's own problem is the headline.
    const { aggregator, problem } = this.view ?? {};
    if (aggregator?.problem && !problem) add("fleet", aggregator.problem);
    if (aggregator && aggregator.disk_free_bytes < scarce * aggregator.disk_size_bytes) add("disk", scarceDisk(aggregator));
    for (const { worker, at } of this.gone.values()) {
      const rest = this.workers.length > 0 ? "others compute what it held" : "what it held waits for others";
      if (worker.state !== "draining") add("worker", `Worker ${worker.name} was lost at ${timeOfDay(at)}; ${rest}.`);
    }
    for (const worker of this.workers) {
      const silence = worker.seconds_silent + this.age;
      if (silence > longSilence) add("worker", `Worker ${worker.name} has been silent for ${duration(silence)}.`);
    }
    for (const job of this.sortedJobs()) {
      // The fleet's own problem is every job's, and is told above.
      if (job.problem && job.problem === problem) continue;
      if (job.problem) add("job", job.problem, job);
      else if (job.phase === "failed") add("job", "failed", job);
      else if (job.failed > 0) add("job", `${count(job.failed)} of ${count(job.committed)} units failed`, job);
    }
    return entries;
  }
}

function waitingForJobs(counts) {
  if (counts.paused > 0) return { kind: "waiting", headline: "Waiting: every job is paused", detail: `${plural(counts.paused, "job")} to resume.` };
  const total = phases.reduce((sum, phase) => sum + counts[phase], 0);
  return { kind: "waiting", headline: "Waiting for jobs", detail: total ? "All jobs have ended." : "Nothing was submitted yet." };
}

function workingDetail(counts, view, workers) {
  const busy = workers.filter((worker) => worker.leases.length > 0).length;
  const parts = [plural(counts.running + counts.opening, "job"), `on ${plural(busy, "worker")}`];
  if (view.seconds_left !== null) parts.push(`everything is done ${finishing(view.seconds_left, Date.parse(view.at))}`);
  else if (view.units_per_second === 0) parts.push("nothing was committed in the last seconds");
  return `${parts[0]} ${parts[1]}${parts[2] ? `; ${parts[2]}` : ""}.`;
}

function scarceDisk({ disk_free_bytes, disk_size_bytes }) {
  return `The disk for results is nearly full: ${bytes(disk_free_bytes)} are free, ${percent(disk_free_bytes, disk_size_bytes)} of it.`;
}

/** "at about 14:32", with the date where it is another day. */
export function finishing(secondsLeft, from = Date.now()) {
  if (secondsLeft > 3650 * 86_400) return "in more than ten years";
  return `at about ${shortTime(from + secondsLeft * 1000, from)}`;
}
