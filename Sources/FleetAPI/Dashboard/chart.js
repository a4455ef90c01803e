// Units per second over time, as an SVG as wide as its place, so that its text keeps its size.

import { setAttribute, svg } from "./elements.js";
import { rate, timeOfDay } from "./format.js";

const height = 190;
const margin = { left: 46, right: 10, top: 10, bottom: 24 };
/** Seconds that may be shown: no more than there is something of. */
const spans = [60, 120, 300, 600];
const tick = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export class ThroughputChart {
  #pointer = null;
  #samples = [];
  #span = spans[0];

  constructor(parent) {
    this.parent = parent;
    this.root = svg("svg", { height, role: "img" });
    parent.append(this.root);
    new ResizeObserver(() => this.draw()).observe(parent);
    parent.addEventListener("pointermove", (event) => this.#point(event.clientX - this.root.getBoundingClientRect().left));
    parent.addEventListener("pointerleave", () => this.#point(null));
  }

  /** `samples` are `{at, units_per_second}`, oldest first; `now` is the fleet's clock. */
  show(samples, now) {
    const end = Date.parse(now);
    this.#samples = samples.map((sample) => ({ ago: (end - Date.parse(sample.at)) / 1000, at: sample.at, rate: sample.units_per_second }))
      .filter((sample) => sample.ago >= 0 && sample.ago <= spans.at(-1));
    const oldest = this.#samples[0]?.ago ?? 0;
    this.#span = spans.find((span) => span >= oldest);
    this.draw();
  }

  draw() {
    const width = this.parent.clientWidth;
    if (width < 100) return;
    const peak = Math.max(0, ...this.#samples.map((sample) => sample.rate));
    const ticks = roundTicks(peak);
    const top = ticks.at(-1) || 1;
    const x = (ago) => margin.left + (1 - ago / this.#span) * (width - margin.left - margin.right);
    const y = (value) => margin.top + (1 - value / top) * (height - margin.top - margin.bottom);
    this.root.setAttribute("width", width);
    setAttribute(this.root, "aria-label", summary(this.#samples, peak));
    const marks = peak > 0 ? curve(this.#samples, x, y) : [nothing(width)];
    this.root.replaceChildren(...frame(ticks, x, y, width, this.#span), ...marks, ...this.#readout(x, y, width));
  }

  #point(place) {
    this.#pointer = place;
    this.draw();
  }

  /** The sample under the pointer. */
  #readout(x, y, width) {
    if (this.#pointer === null || !this.#samples.some((sample) => sample.rate > 0)) return [];
    const distance = (sample) => Math.abs(x(sample.ago) - this.#pointer);
    const nearest = this.#samples.reduce((a, b) => (distance(b) < distance(a) ? b : a));
    const place = x(nearest.ago);
    const end = place > width / 2;
    return [
      svg("line", { class: "pointer", x1: place, x2: place, y1: margin.top, y2: height - margin.bottom }),
      svg("circle", { class: "point", cx: place, cy: y(nearest.rate), r: 3.5 }),
      svg("text", { class: "readout", x: place + (end ? -8 : 8), y: margin.top + 12, "text-anchor": end ? "end" : "start",
        text: `${rate(nearest.rate)} units/s at ${timeOfDay(nearest.at)}` }),
    ];
  }
}

/** Grid, and what it stands for. */
function frame(ticks, x, y, width, span) {
  const lines = ticks.map((value) => svg("line", { class: value === 0 ? "axis" : "rule", x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }));
  const values = ticks.map((value) => svg("text", { x: margin.left - 6, y: y(value) + 4, "text-anchor": "end", text: tick.format(value) }));
  const steps = width < 420 ? 2 : span === 120 ? 4 : span === 60 ? 6 : 5;
  const times = Array.from({ length: steps + 1 }, (_, i) => span - (i * span) / steps).map((ago) => svg("text", {
    x: ago === span ? margin.left : x(ago), y: height - 6, "text-anchor": ago === 0 ? "end" : ago === span ? "start" : "middle",
    text: ago === 0 ? "now" : ago % 60 === 0 || span > 120 ? `${ago / 60} min ago` : `${ago} s ago`,
  }));
  return [...lines, ...values, ...times];
}

function nothing(width) {
  return svg("text", { x: (margin.left + width - margin.right) / 2, y: height / 2, "text-anchor": "middle", text: "No units were committed in this time." });
}

function curve(samples, x, y) {
  if (samples.length === 1) return [svg("circle", { class: "point", cx: x(samples[0].ago), cy: y(samples[0].rate), r: 3.5 })];
  const points = samples.map((sample) => `${x(sample.ago).toFixed(1)},${y(sample.rate).toFixed(1)}`).join("L");
  const [first, last] = [x(samples[0].ago).toFixed(1), x(samples.at(-1).ago).toFixed(1)];
  return [
    svg("path", { class: "area", d: `M${first},${y(0)}L${points}L${last},${y(0)}Z` }),
    svg("path", { class: "curve", d: `M${points}` }),
  ];
}

/** Round values from 0 to just above the largest, four or so. */
function roundTicks(largest) {
  if (largest <= 0) return [0];
  const power = 10 ** Math.floor(Math.log10(largest / 3));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => largest / candidate <= 4);
  const steps = Math.ceil(largest / step + 1e-9);
  return Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

function summary(samples, peak) {
  if (samples.length === 0) return "No units were committed yet.";
  const mean = samples.reduce((sum, sample) => sum + sample.rate, 0) / samples.length;
  return `Now ${rate(samples.at(-1).rate)} units per second; over the time shown ${rate(mean)} on average, ${rate(peak)} at most.`;
}
