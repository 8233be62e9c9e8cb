// What stands beside the picture: one panel at a time.

import { at, show } from "./dom.js";

const PANELS = ["idle", "waiting", "answer", "trouble"];

export function only(name) {
  const left = document.activeElement?.closest(".panel");
  at("result").ariaBusy = "false";
  for (const each of PANELS) show(at(each), each === name);
  // Whoever stood in a panel that goes stays in this place, and does not begin at the page's top again.
  if (left && left.id !== name) at("result").focus({ preventScroll: true });
}

/** What stands there is of the picture before. */
export function stale() {
  at("result").ariaBusy = "true";
}

/** Tell a screen reader; what is said already is not said again. */
export function say(text) {
  if (at("said").textContent !== text) at("said").textContent = text;
}
