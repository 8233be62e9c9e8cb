// The likeliest labels: a name, a percentage and a bar each.

import { names, percent } from "./answer.js";
import { made } from "./dom.js";

export function bars(list, labels) {
  list.replaceChildren(...labels.map(bar));
}

function bar(label) {
  const row = made("li");
  const line = made("span", "", "bar");
  line.ariaHidden = "true";
  line.style.setProperty("--share", label.confidence);
  row.append(made("span", names(label)[0], "name"), made("span", percent(label.confidence), "share"), line);
  return row;
}
