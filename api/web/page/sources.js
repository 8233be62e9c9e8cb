// Where pictures come from: dropped, pasted, picked, linked, or one of ours.
//
// A picture is { blob, name } or { url, name }.

import { at } from "./dom.js";

const LINK = /^https?:\/\/\S+$/i;

/** Calls `take` with each picture, and `slip` with what is wrong with an address (nothing, when all is well). */
export function listen(take, slip) {
  dropped(take, slip);
  pasted(take, slip);
  picked(take);
  linked(take, slip);
  samples(take);
}

function dropped(take, slip) {
  const page = document.documentElement;
  let depth = 0; // dragenter and dragleave come for every element on the way
  const over = (by) => {
    depth = Math.max(0, depth + by);
    page.classList.toggle("dropping", depth > 0);
  };
  addEventListener("dragenter", (event) => {
    event.preventDefault();
    over(1);
  });
  addEventListener("dragleave", () => over(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(0);
    given(event.dataTransfer, take, slip);
  });
}

function pasted(take, slip) {
  addEventListener("paste", (event) => {
    // Who pastes into the field wants it there.
    const typing = event.target instanceof HTMLInputElement;
    if (typing && !event.clipboardData.files.length) return;
    event.preventDefault();
    given(event.clipboardData, take, slip);
  });
}

function given(transfer, take, slip) {
  const [file] = transfer.files;
  if (file) {
    take(ofFile(file));
    return;
  }
  const text = (transfer.getData("text/uri-list") || transfer.getData("text/plain")).trim().split("\n")[0];
  if (isLink(text)) {
    at("address").value = text;
    take(ofLink(text));
  } else slip("That was neither a picture nor the address of one.");
}

function picked(take) {
  const field = at("file");
  at("choose").addEventListener("click", () => field.click());
  field.addEventListener("change", () => {
    const [file] = field.files;
    field.value = ""; // the same file again is a change, too
    if (file) take(ofFile(file));
  });
}

function linked(take, slip) {
  const field = at("address");
  field.addEventListener("input", () => slip(""));
  at("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (isLink(text)) take(ofLink(text));
    else {
      slip(text ? wrong(text) : "Paste the address of a picture first.");
      field.focus();
    }
  });
}

function isLink(text) {
  if (!LINK.test(text)) return false;
  try {
    return Boolean(new URL(text));
  } catch {
    return false; // https://[ for example
  }
}

function wrong(text) {
  return LINK.test(text) ? "No address reads like that." : "An address begins with https:// or http://.";
}

function samples(take) {
  for (const button of document.querySelectorAll("[data-sample]"))
    button.addEventListener("click", async () => {
      const response = await fetch(button.dataset.sample);
      take({ blob: await response.blob(), name: button.dataset.sample.split("/").pop() });
    });
}

function ofFile(file) {
  return { blob: file, name: file.name || "pasted picture" };
}

function ofLink(url) {
  return { url, name: url };
}
