// The fleet's dashboard: follows the fleet's events, and shows what they come to.

import { API, jobPath } from "./client.js";
import { ThroughputChart } from "./chart.js";
import { askForToken, attempt, confirm, notify } from "./dialogs.js";
import { byId, setText } from "./elements.js";
import { Fleet } from "./fleet.js";
import { percent, rate, timeZone } from "./format.js";
import { JobView } from "./job.js";
import { JobsTable } from "./jobs.js";
import { jobLink, showStatus } from "./status.js";
import { SubmitDialog } from "./submit.js";
import { WorkersTable } from "./workers.js";

const api = new API();
const fleet = new Fleet();
const chart = new ThroughputChart(byId("chart"));
const jobsTable = new JobsTable(show);
const workersTable = new WorkersTable(drain);
const jobView = new JobView(api, fleet, takeJob);
new SubmitDialog(api, (job, isNew) => {
  takeJob(job);
  notify(isNew ? `${job.name} was submitted.` : `${job.name} is there already.`);
  location.hash = jobLink(job.id);
});

/** The job whose page is open, and the place in it. */
let route = { job: null, part: "" };
let isShowing = false;

// MARK: Showing

function show() {
  isShowing = false;
  const state = showStatus(fleet);
  if (route.job === null) {
    jobsTable.show(fleet);
    workersTable.show(fleet);
    if (fleet.view) chart.show(fleet.view.throughput, fleet.view.at);
  } else {
    jobView.show();
    goToPart();
  }
  setText(byId("version"), fleet.view ? `SonarSweep ${fleet.view.version} · times are in ${timeZone()}` : "");
  document.title = `${tabTitle(state)} · SonarSweep`;
}

/** Many events make one picture. */
function showSoon() {
  if (isShowing) return;
  isShowing = true;
  if (document.hidden) setTimeout(show, 1000);
  else requestAnimationFrame(show);
}

function tabTitle(state) {
  if (state.kind !== "working") return state.headline.split(":")[0];
  const job = fleet.jobs.get(route.job);
  return job ? `${percent(job.committed, job.units)} ${job.name}` : `${rate(fleet.view.units_per_second)} units/s`;
}

function takeJob(job) {
  fleet.jobs.set(job.id, job);
  show();
}

async function drain(worker) {
  const detail = "It finishes what it holds, gets no more, and ends.";
  if (!(await confirm(`Drain ${worker.name}?`, detail, "Drain the worker"))) return;
  await attempt(async () => {
    const answer = await api.post(`api/v1/workers/${encodeURIComponent(worker.id)}/drain`);
    fleet.workers = fleet.workers.map((other) => (other.id === answer.id ? answer : other));
    show();
    notify(`${worker.name} is draining.`);
  });
}

// MARK: Places: # is the fleet, #job/ID a job, #job/ID/failures its failures

function readRoute() {
  const [kind, id, part = ""] = location.hash.slice(1).split("/");
  return kind === "job" && id ? { job: decoded(id), part } : { job: null, part: "" };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function follow() {
  const before = route;
  route = readRoute();
  byId("fleet-view").hidden = route.job !== null;
  byId("job-view").hidden = route.job === null;
  document.body.dataset.view = route.job === null ? "fleet" : "job";
  jobView.open(route.job);
  show();
  if (route.job === before.job) return;
  scrollTo(0, 0);
  if (route.job !== null) byId("back").focus({ preventScroll: true });
  else [...byId("jobs").querySelectorAll("th a")].find((link) => link.hash === jobLink(before.job))?.focus();
}

/** Once what the address names is on the page. */
function goToPart() {
  if (route.part !== "failures" || byId("failures-section").hidden || !byId("failures").hasChildNodes()) return;
  route.part = "";
  byId("failures-title").focus();
  byId("failures-section").scrollIntoView();
}

addEventListener("hashchange", follow);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && route.job !== null && !document.querySelector("dialog[open]")) location.hash = "";
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
byId("sign-out").addEventListener("click", () => {
  api.signIn("");
  location.reload();
});

// MARK: Following the fleet

/** Who we are; asks for a token where one is wanted. */
async function identify(problem = "") {
  const check = async (token) => {
    api.signIn(token);
    return api.get("api/v1/identity");
  };
  try {
    if (!problem) return await check(api.token);
  } catch (error) {
    if (error.status !== 401) return null;
    problem = api.token ? error.message : "";
  }
  const identity = await askForToken(check, problem);
  byId("main").focus({ preventScroll: true });
  return identity;
}

function showIdentity() {
  const { identity } = fleet;
  setText(byId("who"), identity?.name ? `${identity.name}, ${identity.role}` : "");
  byId("sign-out").hidden = !identity?.name;
  byId("submit-job").hidden = !fleet.may("submit");
}

let wake = () => {};

/** Waits, unless somebody asks for an attempt now, or the network comes back. */
function retryNow(wait) {
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, wait);
  });
}

byId("try-now").addEventListener("click", () => wake());
addEventListener("online", () => wake());

function hear(name, data) {
  if (name === "fleet" && (fleet.loss || !fleet.view)) fleet.connecting();
  fleet.hear(name, data);
  if (fleet.identity === null && name === "fleet") identifyLater();
  showSoon();
}

/** The coordinator was not there at first. */
async function identifyLater() {
  fleet.identity = await api.get("api/v1/identity").catch(() => null);
  showIdentity();
}

async function run() {
  let problem = "";
  for (;;) {
    fleet.identity = await identify(problem);
    showIdentity();
    const refused = await api.follow({
      signal: new AbortController().signal, retryNow,
      onEvent: hear,
      onLoss: (loss) => {
        fleet.loss = loss;
        showSoon();
      },
    });
    problem = refused.message;
  }
}

follow();
setInterval(showSoon, 1000);
run();
