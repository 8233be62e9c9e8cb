// The frame on the left: the picture itself, or for a linked one its address.
//
// A linked picture is not shown: only the service asks its host for it, never the visitor's browser.

import { at, made, show } from "./dom.js";

let address = null; // of the blob that is shown

/** Put a picture up. */
export function hang(picture) {
  const [image, card] = [at("preview"), at("card")];
  if (address) URL.revokeObjectURL(address);
  address = picture.blob ? URL.createObjectURL(picture.blob) : null;
  show(image, Boolean(picture.blob));
  show(card, !picture.blob);
  if (picture.blob) {
    image.alt = `Your picture, ${picture.name}`;
    image.onerror = () => unshowable(picture);
    image.src = address;
  } else linked(card, picture.url);
  at("caption").textContent = caption(picture);
  show(at("caption"));
  at("choose").textContent = "Another picture";
  show(at("shown"));
  at("frame").classList.add("hung");
  // On a phone the answer comes below: both shall be in sight.
  const { bottom } = at("frame").getBoundingClientRect();
  if (matchMedia("(max-width: 44rem)").matches && bottom > innerHeight / 2) at("frame").scrollIntoView();
}

/** Say in the picture's own text what it shows. */
export function describe(label) {
  at("preview").alt = `Your picture: ${label}`;
}

function linked(card, url) {
  const { host, pathname } = new URL(url);
  const name = readable(pathname).split("/").filter(Boolean).pop() ?? "";
  const open = made("a", "Open it");
  open.href = url;
  open.target = "_blank";
  open.rel = "noopener noreferrer";
  card.replaceChildren(
    made("p", host, "host"),
    made("p", name, "path"),
    made("p", "Only the service asks there for the picture, so it is not shown here. ", "fine"),
  );
  card.lastChild.append(open);
}

function readable(pathname) {
  try {
    return decodeURI(pathname);
  } catch {
    return pathname; // a bare %, or escapes of another encoding than UTF-8
  }
}

function unshowable(picture) {
  show(at("preview"), false);
  show(at("card"));
  at("card").replaceChildren(
    made("p", picture.name, "path"),
    made("p", "This browser cannot show it. The service may still read it.", "fine"),
  );
}

function caption(picture) {
  return picture.blob ? `${picture.name} · ${size(picture.blob.size)}` : "Linked";
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))}\u00a0kB` : `${(bytes / 1e6).toFixed(1)}\u00a0MB`;
}
