// A chart's values as a table, the newest first.

import { made } from "./dom.js";
import { clock } from "./format.js";

const ROWS = 60;

export function tabled({ title, unit }, at, { list, values }) {
  const head = made("tr", "", "", [cell("Time", "col"), ...list.map(({ label }) => cell(label, "col"))]);
  const every = Math.max(1, Math.ceil(at.length / ROWS));
  const rows = [];
  for (let number = at.length - 1; number >= 0; number -= every) {
    const said = list.map(({ name }) => made("td", "", unit(values[name][number] ?? null)));
    rows.push(made("tr", "", "", [cell(clock(at[number]), "row"), ...said]));
  }
  const parts = [made("caption", "unseen", title), made("thead", "", "", [head]), made("tbody", "", "", rows)];
  const scroll = made("div", "scroll", "", [made("table", "", "", parts)]);
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", `${title}, as a table`);
  return scroll;
}

function cell(text, scope) {
  const element = made("th", "", text);
  element.scope = scope;
  return element;
}
