// The table of workers: what each computes, and which are gone.

import { byId, cell, element, KeyedList, ProgressBar, setAttribute, setText } from "./elements.js";
import { longSilence } from "./fleet.js";
import { count, duration, percent, plural, rate, timeOfDay, unknown } from "./format.js";
import { jobLink } from "./status.js";

const signs = { working: "▸", idle: "○", draining: "↓", gone: "✕" };
const parts = new WeakMap();

export class WorkersTable {
  #rows;

  /** `onDrain(worker)` is called when that is asked for. */
  constructor(onDrain) {
    this.#rows = new KeyedList(byId("workers"), (entry) => makeRow(entry, onDrain), updateRow);
  }

  show(fleet) {
    const present = fleet.workers.map((worker) => ({ worker, state: worker.state, silence: worker.seconds_silent + fleet.age, mayDrain: fleet.may("admin") }));
    const gone = [...fleet.gone.values()].map(({ worker, at }) => ({ worker, state: "gone", at }));
    this.#rows.show([...present, ...gone], (entry) => entry.worker.id);
    byId("no-workers").hidden = fleet.view === null || present.length > 0;
  }
}

function makeRow({ worker }, onDrain) {
  const bar = new ProgressBar(`Progress of the lease of ${worker.name}`);
  const part = {
    bar, worker, state: element("span", { class: "badge" }), model: cell("Model"), rate: cell("Units/s", { class: "number" }),
    computed: cell("Computed", { class: "number" }), job: element("a", {}), range: element("span", { class: "range" }), seen: cell("Last seen"),
    drain: element("button", { type: "button", text: "Drain", "aria-label": `Drain ${worker.name}`, click: () => onDrain(part.worker) }),
  };
  part.lease = cell("Lease", { class: "progress-cell" }, element("span", { class: "lease" }, part.job, part.range), bar.node);
  parts.set(part.row = element("tr", { role: "row" },
    element("th", { role: "rowheader", scope: "row" }, element("span", { text: worker.name }), element("span", { class: "id", text: worker.id.slice(0, 8) })),
    cell("State", {}, part.state), part.model, part.rate, part.computed, part.lease, part.seen, cell("", { class: "last" }, part.drain)), part);
  return part.row;
}

function updateRow(row, { worker, state, silence, at, mayDrain }) {
  const part = parts.get(row);
  part.worker = worker;
  setAttribute(row, "data-state", state);
  setAttribute(part.state, "data-phase", state);
  setText(part.state, `${signs[state]} ${state}`);
  setText(part.model, worker.model);
  setText(part.rate, state === "gone" ? unknown : rate(worker.units_per_second));
  setText(part.computed, count(worker.units_computed));
  showLease(part, state === "gone" ? [] : worker.leases);
  setText(part.seen, state === "gone" ? `gone since ${timeOfDay(at)}` : silence < 2 ? "now" : `${duration(silence)} ago`);
  part.seen.classList.toggle("late", state === "gone" || silence > longSilence);
  part.drain.hidden = !mayDrain || state === "draining" || state === "gone";
}

/** The oldest lease, which is being computed, and how many more wait. */
function showLease(part, leases) {
  part.bar.node.classList.toggle("absent", leases.length === 0);
  part.job.hidden = leases.length === 0;
  if (leases.length === 0) return setText(part.range, unknown);
  const lease = leases.reduce((a, b) => (b.lease < a.lease ? b : a));
  const size = lease.end - lease.first;
  setText(part.job, lease.job);
  setAttribute(part.job, "href", jobLink(lease.job));
  const more = leases.length > 1 ? `; ${plural(leases.length - 1, "lease")} more` : "";
  const attempt = lease.attempt > 1 ? `, attempt ${lease.attempt}` : "";
  setText(part.range, `units ${count(lease.first)} to ${count(lease.end - 1)}, ${percent(size - lease.remaining, size)}${attempt}${more}`);
  part.bar.show({ whole: size, done: size - lease.remaining });
}
