// The top of the page: does it work, how fast, when will it be done, and what needs a person.

import { byId, element, KeyedList, setAttribute, setText } from "./elements.js";
import { bytes, count, duration, percent, rate, unknown } from "./format.js";

const signs = { connecting: "…", working: "▸", waiting: "‖", stalled: "!", disconnected: "✕" };
/** For the tab: a shape and a colour each. */
const icons = {
  connecting: ["#7a828a", "M8 24h16"], working: ["#0072b2", "M11 8l12 8-12 8z"], waiting: ["#7a828a", "M12 9v14M20 9v14"],
  stalled: ["#d55e00", "M16 7v12M16 24v1"], disconnected: ["#b3261e", "M10 10l12 12M22 10l-12 12"],
};
const mostEntries = 20;

const attention = new KeyedList(byId("attention"), makeEntry, updateEntry);

export function showStatus(fleet) {
  const state = fleet.state();
  const box = byId("state");
  if (box.dataset.kind !== state.kind) byId("icon").href = icon(state.kind);
  box.dataset.kind = state.kind;
  setText(byId("state-sign"), signs[state.kind]);
  setText(byId("headline"), state.headline);
  setText(byId("detail"), state.detail || "\u00a0");
  byId("try-now").hidden = !fleet.loss;
  document.body.classList.toggle("stale", state.kind === "disconnected");
  byId("tiles").hidden = byId("main").hidden = !fleet.view;
  if (fleet.view) showTiles(fleet);
  showAttention(fleet.attention());
  return state;
}

function showTiles(fleet) {
  const { view } = fleet;
  const counts = fleet.counts();
  setText(byId("rate"), rate(view.units_per_second));
  setText(byId("rate-note"), "in the last 5 seconds");
  const isMoving = view.seconds_left > 0;
  setText(byId("time-left"), isMoving ? duration(view.seconds_left) : unknown);
  setText(byId("time-left-note"), timeLeftNote(view, counts));
  const { idle, working, draining } = view.workers;
  setText(byId("worker-count"), count(idle + working + draining));
  setText(byId("worker-note"), `${working} working, ${idle} idle${draining ? `, ${draining} draining` : ""}`);
  const open = counts.running + counts.opening;
  setText(byId("job-count"), count(open));
  setText(byId("job-note"), `running, ${count(counts.queued)} queued`);
  showDisk(view.aggregator);
}

function timeLeftNote(view, counts) {
  if (view.seconds_left > 0) return "for all jobs";
  return counts.running + counts.opening + counts.queued > 0 ? "unknown until units commit" : "nothing to do";
}

function showDisk(aggregator) {
  const isKnown = aggregator && aggregator.disk_size_bytes > 0;
  setText(byId("disk"), isKnown ? bytes(aggregator.disk_free_bytes) : unknown);
  setText(byId("disk-note"), isKnown ? `free, ${percent(aggregator.disk_free_bytes, aggregator.disk_size_bytes)} of the disk`
    : aggregator ? "" : "no aggregator");
}

function showAttention(entries) {
  const shown = entries.slice(0, mostEntries);
  if (entries.length > mostEntries) shown.push({ kind: "more", text: `and ${count(entries.length - mostEntries)} more`, job: null });
  attention.show(shown.map((entry, i) => ({ ...entry, key: entry.job ? `job ${entry.job.id}` : `${entry.kind} ${i}` })), (entry) => entry.key);
  byId("no-attention").hidden = entries.length > 0;
}

function makeEntry({ job }) {
  const text = element("span", { class: "what" });
  return element("li", {}, ...(job ? [element("a", {}), document.createTextNode(" ")] : []), text);
}

function updateEntry(node, { kind, job, text }) {
  setAttribute(node, "data-kind", kind);
  if (job) {
    const link = node.querySelector("a");
    setText(link, job.name);
    setAttribute(link, "href", jobLink(job.id, !job.problem && job.failed > 0 ? "failures" : ""));
  }
  setText(node.querySelector(".what"), text);
}

/** The address of a job in this page, and of a place in it. */
export const jobLink = (id, part = "") => `#job/${encodeURIComponent(id)}${part && `/${part}`}`;

function icon(kind) {
  const [colour, path] = icons[kind];
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="${colour}"/>`
    + `<path d="${path}" fill="${kind === "working" ? "#fff" : "none"}" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}

/** A job's phase with a sign of its own, so that it does not hang on colours. */
export const phaseSigns = { running: "▸", opening: "…", paused: "‖", queued: "○", failed: "✕", cancelled: "⊘", done: "✓" };

export function showPhase(node, phase) {
  setAttribute(node, "data-phase", phase);
  setText(node, `${phaseSigns[phase]} ${phase}`);
}
