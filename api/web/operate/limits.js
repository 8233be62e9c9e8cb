// Least, greatest, pause: shown as they hold, changed by whoever operates.

import { at, say } from "./dom.js";
import * as service from "./service.js";

let standing = null;
const touched = new Set(); // fields that somebody has written into and not applied

/** Make the form work. */
export function limits() {
  at("limits").addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  for (const name of ["min", "max"]) {
    at(name).addEventListener("input", () => {
      at(name).removeAttribute("aria-invalid");
      touched.add(name);
    });
  }
  at("reset").addEventListener("click", () => change({ reset: true }, "Back to the balancer's own settings."));
  at("pause").addEventListener("click", () => {
    const paused = !standing?.operator.paused;
    change({ paused }, paused ? "Paused." : "Goes on.");
  });
}

/** How it stands now. */
export function stands(told) {
  standing = told;
  const { operator, holds } = told;
  say(at("holds"), sentence(told));
  for (const name of ["min", "max"]) {
    const field = at(name);
    // What somebody is writing stays.
    if (document.activeElement === field || touched.has(name)) continue;
    field.value = operator[name] ?? "";
    field.placeholder = holds ? String(name === "min" ? holds.setMin : holds.setMax) : "";
  }
  const pause = at("pause");
  pause.setAttribute("aria-pressed", String(operator.paused));
  say(pause, operator.paused ? "Let the balancer go on" : "Pause the balancer");
  at("reset").disabled = operator.min === null && operator.max === null && !operator.paused && !operator.unreadable;
}

function sentence({ operator, holds, leader }) {
  if (!holds) return "No balancer has kept a tick yet.";
  const range = `${holds.min} to ${holds.max} workers hold, its settings say ${holds.setMin} to ${holds.setMax}`;
  const state = holds.paused ? "; paused" : "";
  const coming = operator.paused === holds.paused ? "" : "; the change is on its way";
  return `${range}${state}${coming}. ${leader ? "A balancer leads." : "No balancer leads just now."}`;
}

async function apply() {
  const asked = {};
  for (const name of ["min", "max"]) {
    const field = at(name);
    const text = field.value.trim();
    if (text && !/^\d{1,6}$/.test(text)) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
      return tell(`${name === "min" ? "At least" : "At most"}: a whole number of workers, or nothing for the setting's.`);
    }
    asked[name] = text ? Number(text) : null;
  }
  return change(asked, "Changed. The balancer obeys within two ticks.");
}

async function change(asked, said) {
  try {
    const told = await service.change(asked);
    if (!("paused" in asked)) touched.clear();
    stands(told);
    tell(said);
  } catch (error) {
    tell(error.message);
  }
}

function tell(text) {
  at("limits-said").textContent = text;
}
