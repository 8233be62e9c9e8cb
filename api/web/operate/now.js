// How it stands at the moment: a sentence, its reason, and the figures.

import { at, keyed, made, say } from "./dom.js";
import { count, dollars, number, seconds } from "./format.js";
import { lately } from "./series.js";

/** Write it. */
export function now(ticks) {
  const tick = ticks.last;
  if (!tick) return;
  const recent = lately(ticks);
  say(at("headline"), headline(tick, recent));
  say(at("because"), `${tick.policy} wants ${count(tick.desired, "worker")}: ${tick.reason}.`);
  keyed(at("figures"), figures(tick, recent), entry, changed);
}

function headline(tick, recent) {
  const crew = tick.workers === 0 ? "No worker" : count(tick.workers, "worker");
  const flow = recent.arrived > 0 ? `${number(recent.arrived)} pictures a second` : "nothing coming in";
  if (tick.paused) return `Paused. ${crew}, ${flow}.`;
  const queue = tick.queued === 0 ? "nobody waits" : `${count(tick.queued, "picture")} waiting`;
  return `${crew}, ${flow}, ${queue}.`;
}

function figures(tick, recent) {
  const share = recent.answers ? recent.errors / recent.answers : 0;
  const states = [
    [tick.busy, "busy"], [tick.idle, "idle"], [tick.launching, "launching"], [tick.draining, "leaving"],
  ].filter(([many]) => many).map(([many, state]) => `${many} ${state}`);
  return [
    { key: "Arrivals", value: `${number(recent.arrived)}/s`, beside: "last minute" },
    { key: "Backlog", value: number(tick.queued), beside: `${number(tick.inFlight)} in work` },
    { key: "Oldest wait", value: seconds(tick.oldest), beside: "of those taken up" },
    { key: "Workers", value: number(tick.workers), beside: states.join(", ") || "none" },
    { key: "Wanted", value: number(tick.desired), beside: `of ${tick.min} to ${tick.max}` },
    { key: "Criterion", value: number(tick.criterion), beside: "would want" },
    { key: "p95", value: seconds(tick.p95), beside: `p99 ${seconds(tick.p99)}` },
    { key: "Errors", value: recent.answers ? `${number(100 * share)} %` : "–", beside: `${recent.errors} of ${recent.answers}`, alarm: share > 0.05 },
    { key: "Cost", value: tick.hourly === null ? "none" : `${dollars(tick.hourly)}/h`, beside: tick.perThousand === null ? "nobody bills here" : `${dollars(tick.perThousand)} per 1 000` },
  ];
}

function entry({ key }) {
  return made("div", "figure", "", [made("dt", "", key), made("dd", "value"), made("dd", "beside")]);
}

function changed(element, { value, beside, alarm }) {
  const [, first, second] = element.children;
  say(first, value);
  say(second, beside);
  element.classList.toggle("alarm", Boolean(alarm));
}
