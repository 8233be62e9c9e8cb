// Where the time went: a strip in proportion, and the same in words.

import { at, made } from "./dom.js";

const STAGES = [
  ["queueMs", "In the queue"],
  ["fetchMs", "Fetching"],
  ["decodeMs", "Decoding"],
  ["inferenceMs", "Looking"],
];

export function stages(found, waited) {
  const spans = STAGES.map(([field, name]) => [name, found.timings?.[field] ?? 0]);
  const known = spans.reduce((sum, [, took]) => sum + took, 0);
  const whole = waited ?? found.timings?.totalMs ?? known;
  // What no worker saw: the way there and back, messages between processes.
  spans.push(["On the way", Math.max(0, whole - known)]);
  at("took").textContent = found.cached && !known ? "Answered from memory" : `Answered in ${time(whole)}`;
  at("stages").replaceChildren(...spans.map(([, took]) => strip(took)));
  at("spans").replaceChildren(...spans.map(([name, took]) => pair(name, took)));
}

function strip(took) {
  const part = made("span");
  part.style.setProperty("--took", took);
  return part;
}

function pair(name, took) {
  const row = made("div");
  row.append(made("dt", name), made("dd", time(took)));
  return row;
}

export function time(milliseconds) {
  if (milliseconds >= 9950) return `${Math.round(milliseconds / 1000)} s`;
  if (milliseconds >= 995) return `${(milliseconds / 1000).toFixed(1)} s`;
  return milliseconds < 1 ? "under 1 ms" : `${Math.round(milliseconds)} ms`;
}
