// The wait: where the job stands, who is there for it, and how long that may take.

import { at, show } from "./dom.js";
import { only, say, stale } from "./panels.js";

const UNUSUAL = 45; // seconds after which it is said that this takes long
const ROUND = 10; // seconds to which an estimate is rounded that is said aloud
const CHATTER = 8000; // milliseconds between two things that are said aloud while the phase is the same
const QUIET = 250; // milliseconds; what is answered sooner needs no word about waiting
const SENT = 1500; // milliseconds in which a picture has mostly been sent

let began = 0;
let last = { status: "sending" };
let ticking = null;
let soon = null;
let said = { phase: "", at: 0 };

/** The clock starts. */
export function begin() {
  end();
  began = performance.now();
  last = { status: "sending" };
  said = { phase: "", at: 0 };
  stale();
  soon = setTimeout(() => tell(last), QUIET);
  ticking = setInterval(() => tell(last), 1000);
}

export function end() {
  clearTimeout(soon);
  clearInterval(ticking);
}

/** Milliseconds since it began. */
export function lasted() {
  return performance.now() - began;
}

/** Show a job that is under way. */
export function tell(job) {
  last = job;
  at("phase").textContent = phase(job);
  at("outlook").textContent = outlook(job);
  fact("ahead", ahead(job));
  fact("workers", crew(job.workers));
  fact("waited", seconds(lasted() / 1000));
  only("waiting");
  if (phase(job) !== said.phase || performance.now() - said.at > CHATTER) {
    said = { phase: phase(job), at: performance.now() };
    say(`${phase(job)}. ${spoken(job)}`);
  }
}

function fact(id, text) {
  at(id).textContent = text;
  show(at(id).parentElement, Boolean(text));
}

function phase(job) {
  if (job.away) return "Out of touch for a moment";
  if (job.status === "sending") return lasted() > SENT ? "Waiting for the answer" : "On its way";
  return job.status === "running" ? "A worker has it" : "In the queue";
}

function outlook(job) {
  if (job.away) return "The job goes on; we will ask again.";
  if (lasted() > UNUSUAL * 1000) return "This takes longer than usual. The job is safe; you may wait or cancel.";
  if (job.status === "sending") return lasted() > SENT ? "" : "Sending the picture.";
  if (job.estimate !== undefined) return `About ${seconds(job.estimate)} to go, as far as we can tell.`;
  return job.workers && nobody(job.workers) ? "A worker is about to be started." : "";
}

function ahead(job) {
  if (job.status !== "queued" || job.position === undefined) return "";
  return job.position === 0 ? "nobody" : pictures(job.position);
}

function crew(workers) {
  if (!workers) return "";
  if (nobody(workers)) return "none yet";
  const parts = [];
  if (workers.ready) parts.push(`${workers.ready} at work`);
  if (workers.starting) parts.push(`${workers.starting} starting`);
  return parts.join(", ");
}

function spoken(job) {
  const parts = [];
  if (ahead(job)) parts.push(`Ahead of yours: ${ahead(job)}`);
  if (crew(job.workers)) parts.push(`Workers: ${crew(job.workers)}`);
  if (job.estimate !== undefined) parts.push(`About ${seconds(Math.ceil(job.estimate / ROUND) * ROUND)}`);
  return parts.join(". ");
}

function nobody(workers) {
  return workers.ready + workers.starting === 0;
}

function pictures(count) {
  return count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`;
}

export function seconds(value) {
  const whole = Math.max(1, Math.round(value));
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
