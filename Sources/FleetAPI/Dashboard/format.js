// Numbers and times as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
/** Times in the reader's own time zone, written so that nobody anywhere takes a month for a day. */
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", hourCycle: "h23" });
const shortClock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", hourCycle: "h23" });
const date = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short" });
const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "shortOffset" });

export const unknown = "–";

export const count = (number) => whole.format(number);

export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** Units per second: three digits that mean something. */
export function rate(perSecond) {
  if (perSecond === null || perSecond === undefined) return unknown;
  if (perSecond === 0 || perSecond >= 100) return count(perSecond);
  return perSecond < 0.01 ? "< 0.01" : perSecond.toPrecision(perSecond < 1 ? 2 : 3);
}

/** Two units at most: 45 s, 3 min 20 s, 2 h 05 min, 3 d 4 h. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return unknown;
  if (seconds < 1) return "< 1 s";
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} min`;
  return s < 8_640_000 ? `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h` : `${count(s / 86_400)} d`;
}

/** Of a whole, rounded down: 100 % is only said of all of it. */
export function percent(part, all) {
  return all > 0 ? `${Math.floor((100 * part) / all)}%` : unknown;
}

export function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let step = 0;
  while (number >= 1024 && step < units.length - 1) [number, step] = [number / 1024, step + 1];
  return `${number >= 100 || step === 0 ? count(number) : number.toPrecision(3)} ${units[step]}`;
}

export const timeOfDay = (time) => clock.format(new Date(time));

/** 2026-11-26 14:32:05 */
export const dateAndTime = (time) => (time ? `${date.format(new Date(time))} ${timeOfDay(time)}` : unknown);

/** 14:32, with the date where it is another day than `now`. */
export function shortTime(time, now = Date.now()) {
  const [day, today] = [date.format(new Date(time)), date.format(new Date(now))];
  return `${day === today ? "" : `${day} `}${shortClock.format(new Date(time))}`;
}

/** The reader's time zone, as "Europe/Zurich (GMT+1)". */
export function timeZone() {
  const offset = zone.formatToParts(new Date()).find((part) => part.type === "timeZoneName").value;
  const { timeZone: name } = zone.resolvedOptions();
  return name === "UTC" ? name : `${name} (${offset})`;
}

/** Four digits that mean something: 0.9731, 12.5, 3.2e-7. */
export function measured(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return unknown;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return count(value);
  return Number(value.toPrecision(4)).toString().replace("-", "−");
}
