// A short verse about what was seen. An answer is complete without one.

import { at, made, show } from "./dom.js";

let wanted = null;

export async function verse(label, { model = "", modelVersion = "" }) {
  const place = at("verse");
  wanted = label;
  show(place, false);
  try {
    const query = new URLSearchParams({ label: label.name, class_id: label.classId, model, version: modelVersion });
    const response = await fetch(`/page/verse?${query}`);
    if (!response.ok) return;
    const { lines } = await response.json();
    if (wanted !== label) return;
    place.replaceChildren(...lines.map((line) => made("p", line)));
    show(place);
  } catch {
    // The connection is gone; what was answered stays.
  }
}
