// Dead letters: how many there are always, which ones when somebody wants to see them.

import { at, made, say } from "./dom.js";
import { ago, count } from "./format.js";
import * as service from "./service.js";

let looked = false;

/** Make the buttons work. */
export function letters() {
  at("look").addEventListener("click", () => working(at("look"), look));
  at("redrive-all").addEventListener("click", () => working(at("redrive-all"), () => again(null)));
}

/** About how many there are. */
export function waiting({ waiting: many }) {
  const none = "None. What kills its workers three times, or cannot be read, comes to lie here.";
  say(at("waiting"), many ? `About ${count(many, "message")}. A look hides them from others for a moment.` : none);
  at("look").hidden = !many && !looked;
}

async function look() {
  const { letters: found, more } = await service.letters();
  looked = true;
  show(found);
  tell(found.length ? `${count(found.length, "message")} here${more ? `, about ${more} more` : ""}.` : "Nothing to be seen: none is there, or somebody else looks at them just now.");
}

function show(found) {
  at("redrive-all").hidden = !found.some(({ kind }) => kind !== "undecodable");
  const place = at("letters");
  place.hidden = !found.length;
  if (!found.length) return place.replaceChildren();
  const names = ["Job", "Kind", "Lies here", "Died of", "Picture", "What to do"];
  const head = made("tr", "", "", names.map((name) => scoped(name, "col")));
  const rows = found.map((letter) => row(letter));
  const caption = made("caption", "unseen", "Dead letters");
  return place.replaceChildren(
    made("table", "ledger", "", [caption, made("thead", "", "", [head]), made("tbody", "", "", rows)]),
  );
}

function row(letter) {
  const { id, kind, sent, fault, url, body } = letter;
  const summary = made("summary", "", id);
  const name = made("th", "", "", [made("details", "letter", "", [summary, made("pre", "", body)])]);
  name.scope = "row";
  const does = made("div", "row");
  if (kind !== "undecodable") does.append(button("Send again", id, () => again(id)));
  does.append(button("Remove", id, () => removed(letter)));
  const said = [kind, ago(sent, Date.now() / 1000), fault || "–", url || "sent as bytes"];
  return made("tr", "", "", [name, ...said.map((text) => made("td", "", text)), made("td", "", "", [does])]);
}

function button(text, id, does) {
  const element = made("button", "quiet", text);
  element.type = "button";
  element.setAttribute("aria-label", `${text}: ${id}`);
  element.addEventListener("click", () => working(element, does));
  return element;
}

async function again(id) {
  const { sent, left, more } = await service.redrive(id);
  const rest = left.length ? ` ${left.length} left: no worker can read them.` : "";
  const further = more ? ` About ${more} more are there: press again.` : "";
  const where = sent.length === 1 ? ` Its answer will be under /jobs/${sent[0]}.` : sent.length ? " Their answers will be under /jobs/ID." : "";
  const said = sent.length || left.length ? `${count(sent.length, "job")} sent again.${where}${rest}${further}` : "It is not there any more.";
  await look().catch(() => undefined);
  tell(said);
}

async function removed({ id, message, kind }) {
  const sure = at("sure");
  say(at("sure-what"), `The ${kind} ${id}. Nobody can send it again then.`);
  sure.returnValue = "no";
  sure.showModal();
  await new Promise((resolve) => sure.addEventListener("close", resolve, { once: true }));
  if (sure.returnValue !== "yes") return;
  const { removed: many } = await service.remove(message);
  await look().catch(() => undefined);
  tell(`${count(many, "message")} removed.`);
}

async function working(element, does) {
  element.disabled = true;
  try {
    await does();
  } catch (error) {
    tell(error instanceof service.Refused ? error.message : `This went wrong: ${error.message}`);
  } finally {
    element.disabled = false;
  }
}

function tell(text) {
  at("letters-said").textContent = text;
}

function scoped(text, scope) {
  const element = made("th", "", text);
  element.scope = scope;
  return element;
}
