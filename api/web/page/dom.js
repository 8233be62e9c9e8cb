// Elements of the page, found and made. Text is only ever text.

export const at = (id) => document.getElementById(id);

export function made(tag, text = "", kind = "") {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

export function show(element, visible = true) {
  element.hidden = !visible;
}
