// The service's HTTP interface, as far as a visitor needs it.

import { headers, may, met } from "./session.js";

// Most pictures are answered within this time and need no further question.
const AT_ONCE = 1; // seconds

/** A refusal: its code decides what is said about it. */
export class Refused extends Error {
  constructor(code, message, job = null, wait = 0) {
    super(message);
    this.code = code;
    this.job = job;
    this.wait = wait; // seconds after which asking again is welcome
  }
}

/** Ask about a picture; the answer, or the job that it has become. */
export async function ask(picture, signal) {
  await met;
  // Who may not look at jobs waits for the answer in the open request.
  const said = may("jobs") ? { Prefer: `respond-async, wait=${AT_ONCE}` } : {};
  if (picture.url !== undefined) {
    const query = new URLSearchParams({ url: picture.url });
    return sent(`/classify?${query}`, { headers: said, signal });
  }
  const body = new FormData();
  body.append("file", picture.blob, picture.name);
  return sent("/classify", { method: "POST", headers: { ...said, ...headers() }, body, signal });
}

/** How a job is. */
export function look(id, signal) {
  return sent(`/jobs/${encodeURIComponent(id)}`, { signal });
}

/** The stream of a job's states, still to be read. */
export async function stream(id, signal) {
  const asked = { headers: { Accept: "text/event-stream" }, signal };
  const response = await reached(`/jobs/${encodeURIComponent(id)}/events`, asked);
  if (!response.ok) throw await refusal(response);
  return response.body;
}

/** Nobody waits for this job any more. It may be the last thing that a page does. */
export function cancel(id) {
  const asked = { method: "POST", headers: headers(), keepalive: true };
  return fetch(`/jobs/${encodeURIComponent(id)}/cancel`, asked).catch(() => undefined);
}

async function sent(path, asked) {
  const response = await reached(path, { cache: "no-store", ...asked });
  if (!response.ok) throw await refusal(response);
  const age = response.headers.get("Age");
  try {
    return { ...(await response.json()), age: age === null ? null : Number(age) };
  } catch (error) {
    throw aborted(error) ? error : new Refused("unreachable", "The answer broke off.");
  }
}

async function reached(path, asked) {
  try {
    return await fetch(path, asked);
  } catch (error) {
    if (aborted(error)) throw error;
    throw new Refused("unreachable", "No connection.");
  }
}

async function refusal(response) {
  const wait = Number(response.headers.get("Retry-After") ?? 0);
  try {
    const { code, message, job } = (await response.json()).error;
    return new Refused(code, message, job, wait);
  } catch {
    // Something in front of the service has answered in its place.
    return new Refused("unreachable", `Status ${response.status}.`, null, wait);
  }
}

function aborted(error) {
  return error.name === "AbortError";
}
