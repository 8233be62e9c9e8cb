// The worker ledger: a row for each worker there is.

import { keyed, made, say } from "./dom.js";
import { ago, dollars, number, seconds } from "./format.js";

const COLUMNS = ["Worker", "State", "Up for", "Heard", "Booted in", "Pictures", "A second", "A picture", "An hour"];

/** Write it into a place; null is not known. */
export function ledger(place, told) {
  if (!place.body) {
    const head = made("tr", "", "", COLUMNS.map((name) => scoped("th", name, "col")));
    place.body = made("tbody");
    place.none = made("p", "none", "No worker is there.");
    const caption = made("caption", "unseen", "Workers");
    place.table = made("table", "ledger", "", [caption, made("thead", "", "", [head]), place.body]);
    place.more = made("p", "none");
    place.append(place.table, place.none, place.more);
  }
  const workers = told?.workers ?? [];
  place.table.hidden = !workers.length;
  place.none.hidden = workers.length > 0;
  place.more.hidden = !told?.more;
  say(place.more, told?.more ? `${told.more} older ones are not shown.` : "");
  const now = Date.now() / 1000;
  keyed(place.body, workers.map((worker) => ({ key: worker.id, worker, now })), row, changed);
}

function row({ worker }) {
  const cells = COLUMNS.slice(2).map(() => made("td", "number"));
  const state = made("td", "", "", [made("span", "state")]);
  return made("tr", "", "", [scoped("th", worker.id, "row"), state, ...cells]);
}

function changed(element, { worker, now }) {
  const [, state, ...cells] = element.children;
  state.firstChild.className = `state ${worker.state}`;
  say(state.firstChild, worker.state);
  const said = [
    ago(worker.launched, now),
    worker.heard === null ? "never" : `${ago(worker.heard, now)} ago`,
    seconds(worker.boot),
    number(worker.served),
    number(worker.throughput),
    seconds(worker.serviceSeconds),
    dollars(worker.hourly),
  ];
  cells.forEach((cell, index) => say(cell, said[index]));
}

function scoped(tag, text, scope) {
  const element = made(tag, "", text);
  element.scope = scope;
  return element;
}
