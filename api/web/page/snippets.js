// The call that was just made, to take along: for a shell, and from Python.

import { at } from "./dom.js";
import { say } from "./panels.js";
import { locked, met } from "./session.js";

const EXAMPLE = { url: "https://example.com/cat.jpg" };
const SHOWN = 2000; // milliseconds

let last = EXAMPLE;

export function snippets() {
  write(last);
  met.then(() => write(last)); // whether a key belongs there is known by then
  for (const button of document.querySelectorAll("[data-copies]"))
    button.addEventListener("click", () => copy(button));
}

export function write(picture) {
  last = picture;
  at("curl").textContent = curl(picture);
  at("python").textContent = python(picture);
}

function curl(picture) {
  const key = locked() ? ` -H "X-API-Key: $CLASSIFYCLOUD_KEY"` : "";
  if (picture.url === undefined)
    return `curl${key} -F ${quoted(`file=@${named(picture.name)}`)} \\\n  ${location.origin}/classify`;
  const query = new URLSearchParams({ url: picture.url });
  return `curl${key} \\\n  '${location.origin}/classify?${query}'`.replace("curl \\\n ", "curl");
}

function python(picture) {
  const what = picture.url === undefined ? `Path(${literal(picture.name)})` : literal(picture.url);
  const path = picture.url === undefined ? "from pathlib import Path\n\n" : "";
  return `${path}from classifycloud.client import Client

with Client(${literal(location.origin)}) as cloud:
    found = cloud.classify(${what})
    for label in found.labels:
        print(f"{label.confidence:6.1%}  {label.name}")`;
}

/** A file's name as curl reads it: commas and semicolons mean something to it (curl(1), --form). */
function named(name) {
  return /[;,"]/.test(name) ? `"${name.replaceAll(/["\\]/g, "\\$&")}"` : name;
}

function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function literal(text) {
  return JSON.stringify(text);
}

async function copy(button) {
  const text = at(button.dataset.copies).textContent;
  try {
    await navigator.clipboard.writeText(text);
    said(button, "Copied");
  } catch {
    // Not allowed here: select it, so that one key does the rest.
    getSelection().selectAllChildren(at(button.dataset.copies));
    said(button, "Selected");
  }
}

function said(button, text) {
  button.textContent = text;
  say(text);
  setTimeout(() => (button.textContent = "Copy"), SHOWN);
}
