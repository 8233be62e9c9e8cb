// This visitor's last answers, in this browser alone.

import { names, percent } from "./answer.js";
import { at, made, show } from "./dom.js";
import { pictured, thumbnail } from "./thumbnail.js";

const PLACE = "classifycloud-recent";
const MOST = 8;

let look = () => undefined;

/** Show what is kept; `open` is called with an answer that is chosen. */
export function recall(open) {
  look = open;
  at("forget").addEventListener("click", () => {
    localStorage.removeItem(PLACE);
    list();
    at("choose").focus();
  });
  list();
}

/** Keep one more. */
export async function remember(picture, found, waited) {
  const small = picture.blob ? await thumbnail(picture.blob) : "";
  const { uuid, labels, model, modelVersion, timings, cached } = found;
  const answer = { uuid, labels: labels.slice(0, 5), model, modelVersion, timings, cached };
  const entry = { small, url: picture.url, name: picture.name, answer, waited, at: Date.now() };
  keep([entry, ...kept()].slice(0, MOST));
  list();
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? [];
  } catch {
    return [];
  }
}

function keep(entries) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(entries));
  } catch {
    // Storage is full or forbidden: then nothing is remembered.
  }
}

function list() {
  const entries = kept();
  for (const image of at("past").querySelectorAll("img")) URL.revokeObjectURL(image.src);
  at("past").replaceChildren(...entries.map(row));
  show(at("recent"), entries.length > 0);
}

function row(entry) {
  const [top] = entry.answer.labels;
  const button = made("button", "", "past");
  button.type = "button";
  button.append(picture(entry), made("span", names(top)[0], "name"), made("span", percent(top.confidence), "share"));
  button.addEventListener("click", () => look(entry));
  const item = made("li");
  item.append(button);
  return item;
}

function picture(entry) {
  if (!entry.small) return made("span", entry.url ? new URL(entry.url).host : entry.name, "stand-in");
  const image = made("img");
  image.alt = "";
  image.width = image.height = 160;
  image.src = URL.createObjectURL(pictured(entry.small));
  return image;
}
