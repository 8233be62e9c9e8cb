// The answer: what it is, how sure that is, what else it may be, and how long it took.

import { bars } from "./bars.js";
import { at, show } from "./dom.js";
import { only, say } from "./panels.js";
import { stages } from "./stages.js";
import { verse } from "./verse.js";

/** Show it. `waited` is in milliseconds by this browser's clock, null where nobody waited. */
export function answer(found, waited) {
  const [top] = found.labels;
  const [name, ...also] = names(top);
  at("surety").textContent = surety(top.confidence);
  at("label").textContent = name;
  at("also").textContent = also.join(", ");
  show(at("also"), also.length > 0);
  bars(at("bars"), found.labels.slice(0, 5));
  stages(found, waited);
  at("origin").textContent = origin(found);
  only("answer");
  say(`${surety(top.confidence)} ${name}, ${percent(top.confidence)}.`);
  verse(top, found);
}

/** A label's names, the first one to show. */
export function names(label) {
  return label.name.split(",").map((each) => each.trim());
}

export function percent(share) {
  const hundredths = share * 100;
  if (hundredths >= 99.5) return hundredths > 99.95 ? "100 %" : "over 99 %";
  return hundredths < 1 ? "under 1 %" : `${Math.round(hundredths)} %`;
}

function surety(share) {
  if (share >= 0.9) return "Almost certainly:";
  if (share >= 0.6) return "Most likely:";
  return share >= 0.3 ? "Perhaps:" : "Hard to say, but perhaps:";
}

function origin(found) {
  const parts = [`${found.model} ${found.modelVersion ?? ""}`.trim(), `job ${found.uuid}`];
  if (found.cached) parts.unshift(found.age ? `Remembered from ${found.age} s ago` : "Remembered");
  return parts.join(" · ");
}
