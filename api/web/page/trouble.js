// What went wrong, in words that help, and the way on.

import { at, show } from "./dom.js";
import { only, say } from "./panels.js";
import { door, stranger } from "./session.js";
import { seconds } from "./waiting.js";
import { words } from "./words.js";

const LOCKS = new Set(["unauthorized", "forbidden", "rate_limited"]); // what a key may open

let way = () => undefined;

/** Listen to its buttons. */
export function prepare() {
  at("again").addEventListener("click", () => way());
}

/** Show a refusal. `again` asks the same again, `look` asks for the job that goes on. */
export function trouble(refused, again, look) {
  const { title, text, button } = words(refused);
  at("what").textContent = title;
  at("remedy").textContent = refused.wait > 1 ? `${text} Again in ${seconds(refused.wait)}.` : text;
  at("again").textContent = button === "look" ? "Look again" : "Try again";
  show(at("again").parentElement, Boolean(button));
  at("unlock").replaceChildren(door());
  show(at("unlock"), stranger() && LOCKS.has(refused.code));
  at("code").textContent = [refused.code, refused.job && `job ${refused.job}`].filter(Boolean).join(" · ");
  way = button === "look" ? () => look(refused.job) : again;
  say(""); // the panel is an alert: it is read out by itself
  only("trouble");
}
