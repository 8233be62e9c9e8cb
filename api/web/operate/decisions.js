// The log of decisions: the newest first, quiet ticks in a row as one line, everything behind each.

import { keyed, made, say } from "./dom.js";
import { clock, count, dollars, number, seconds } from "./format.js";

const MOST = 80; // lines

/** Write it into a place. */
export function decisions(place, ticks) {
  const runs = folded(ticks.list).slice(-MOST).reverse();
  if (!place.list) place.append((place.list = made("ol", "decisions")));
  keyed(place.list, runs, line, changed);
}

function folded(list) {
  const runs = [];
  for (const tick of list) {
    const alike = done(tick) ? null : [tick.epoch, tick.policy, tick.workers, tick.desired, tick.bound, tick.paused].join();
    const before = runs.at(-1);
    if (alike !== null && before?.alike === alike) before.ticks.push(tick);
    else runs.push({ key: tick.id, alike, ticks: [tick] });
  }
  return runs;
}

function done(tick) {
  return tick.launched || tick.terminated || tick.ended.length;
}

function line() {
  const summary = made("summary", "", "", [
    made("time"), made("span", "deed"), made("span", "why"), made("span", "saw"),
  ]);
  const details = made("details", "", "", [summary, made("dl", "behind")]);
  details.addEventListener("toggle", () => details.open && behind(details.lastChild, details.tick));
  return made("li", "", "", [details]);
}

function changed(element, { ticks }) {
  const details = element.firstChild;
  const [first, last] = [ticks[0], ticks.at(-1)];
  if (details.tick === last) return;
  details.tick = last;
  const [time, deed, why, saw] = details.firstChild.children;
  say(time, ticks.length > 1 ? `${clock(first.at)} – ${clock(last.at)}` : clock(last.at));
  deed.className = `deed ${tone(last)}`;
  say(deed, told(last, ticks.length));
  say(why, last.reason);
  say(saw, seen(ticks));
  if (details.open) behind(details.lastChild, last);
}

function tone(tick) {
  if (tick.paused) return "paused";
  if (tick.launched) return "up";
  return done(tick) ? "down" : "quiet";
}

function told(tick, many) {
  const deeds = [
    tick.launched && `+${tick.launched} launched`,
    tick.terminated && `−${tick.terminated} asked to go`,
    tick.ended.length && `${tick.ended.length} ended`,
  ].filter(Boolean);
  if (deeds.length) return deeds.join(", ");
  const what = tick.paused ? "paused" : "no change";
  return many > 1 ? `${what}, ${count(many, "tick")}` : what;
}

function seen(ticks) {
  const depths = ticks.map(({ queued }) => queued);
  const [least, most] = [Math.min(...depths), Math.max(...depths)];
  const last = ticks.at(-1);
  const criterion = last.criterion === null ? "" : `, criterion ${last.criterion}`;
  const depth = least === most ? `${most}` : `${least} to ${most}`;
  return `${depth} waiting, ${count(last.workers, "worker")}, ${last.desired} wanted${criterion}`;
}

function behind(place, tick) {
  const formula = Object.entries(tick.numbers).map(([name, value]) => `${name} = ${number(value)}`);
  const others = Object.entries(tick.others).map(([name, { desired, step, broke }]) =>
    broke ? `${name} broke` : `${name} ${desired}${step ? ` (${step > 0 ? "+" : "−"}${Math.abs(step)})` : ""}`);
  const rows = [
    ["Saw", `${tick.queued} waiting, ${tick.inFlight} in work, ${number(tick.arrived)} came${tick.oldest === null ? "" : `, oldest ${seconds(tick.oldest)}`}`],
    ["Measured", [tick.service !== null && `${seconds(tick.service)} a picture`, tick.boot !== null && `${seconds(tick.boot)} a boot`].filter(Boolean).join(", ")],
    ["Formula", formula.join("   ")],
    ["Limits", `${tick.min} to ${tick.max} workers, ${tick.bound ? `bound by ${tick.bound}` : "none bound"}`],
    ["Not done", tick.heldBack ? `${tick.heldBack} of ${tick.wantedLaunch} launches held back` : ""],
    ["Ended", tick.ended.map(({ worker, reason }) => `${worker}: ${reason}`).join("; ")],
    ["Others", others.join(", ")],
    ["Cost", tick.hourly === null ? "" : `${dollars(tick.hourly)} an hour`],
    ["Tick", `${tick.tick} of epoch ${tick.epoch}, by ${tick.policy}`],
  ].filter(([, text]) => text);
  const parts = rows.map(([name, text]) => made("div", "", "", [made("dt", "", name), made("dd", "", text)]));
  place.replaceChildren(...parts);
}
