// Elements of the page, found and made. Text is only ever text.

export const at = (id) => document.getElementById(id);

/** An element with a class, text and children. */
export function made(tag, kind = "", text = "", children = []) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A part of a drawing, with its attributes. */
export function drawn(tag, about = {}, children = []) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(about)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Write a text only where it differs: what is read aloud is read once. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Children by key: kept, changed, made anew or removed, in the order given. */
export function keyed(parent, rows, make, change) {
  const known = parent.known ?? (parent.known = new Map());
  const wanted = new Set(rows.map((row) => row.key));
  for (const [key, element] of known) {
    if (wanted.has(key)) continue;
    element.remove();
    known.delete(key);
  }
  let before = null;
  for (const row of rows) {
    let element = known.get(row.key);
    if (!element) known.set(row.key, (element = make(row)));
    change(element, row);
    const place = before ? before.nextSibling : parent.firstChild;
    if (element !== place) parent.insertBefore(element, place);
    before = element;
  }
}
