// A picture's way to its answer: what is known of it after each step.
//
// A job's events say at once when it ends; only a look says how many are ahead of it.

import { events } from "./events.js";
import { ask, look, Refused, stream } from "./service.js";

const EVERY = 1500; // milliseconds between two looks
const PATIENT = 8; // looks that may fail in a row
const ENDED = new Set(["succeeded", "failed", "canceled", "expired"]);

/** Yields jobs that are under way, and last the answer. Throws Refused. */
export async function* journey(picture, signal) {
  const first = await ask(picture, signal);
  // A job has a status, an answer has none.
  if (first.status === undefined) yield answered(first);
  else yield* follow(first, signal);
}

/** The same for a job that is known by its id. */
export async function* resumed(id, signal) {
  yield* follow(await look(id, signal), signal);
}

async function* follow(job, signal) {
  const end = told(job.uuid, signal);
  let now = job;
  let failed = 0;
  while (!ENDED.has(now.status)) {
    yield now;
    const ended = await Promise.race([end, pause(Math.max(EVERY, failed * EVERY), signal)]);
    try {
      now = ended ?? (await look(job.uuid, signal));
      failed = 0;
    } catch (error) {
      failed += 1;
      if (!(error instanceof Refused) || !passing(error) || failed > PATIENT) throw error;
      now = { ...now, away: true };
    }
  }
  yield answered(now);
}

/** How it ended; never, where the stream cannot be had: then looks alone must do. */
async function told(id, signal) {
  try {
    for await (const seen of events(await stream(id, signal))) if (ENDED.has(seen.status)) return seen;
  } catch {
    // Looks go on, and say what is wrong.
  }
  return new Promise(() => undefined);
}

function answered(found) {
  if (found.error) throw new Refused(found.error.code, found.error.message, found.uuid);
  return { ...found, status: "succeeded" };
}

function passing(error) {
  return ["unreachable", "rate_limited", "overloaded", "queue_unavailable", "shutting_down"].includes(error.code);
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const left = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", left);
      resolve(null);
    }, milliseconds);
    signal.addEventListener("abort", left, { once: true });
  });
}
