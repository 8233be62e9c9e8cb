// Who asks: anybody, a visitor with a quota, or somebody who has signed in. No key ever gets here.

import { at, made, show } from "./dom.js";

const ANYBODY = { access: "public", client: null, visitors: null, csrf: "" };
const VISITING = new Set(["classify", "jobs"]);
const SIGN_IN = "/sign-in?next=/";

let known = ANYBODY;

/** Told once by the service; who cannot be told is anybody, and is refused where that is not enough. */
export const met = meet();

/** What a request that changes something says besides its cookie. */
export function headers() {
  return known.csrf ? { "X-CSRF-Token": known.csrf } : {};
}

/** Whether programs need a key here. */
export function locked() {
  return known.access === "keys";
}

/** Whether one may do what needs this scope. */
export function may(scope) {
  if (!locked()) return true;
  return stranger() ? Boolean(known.visitors) && VISITING.has(scope) : known.scopes.includes(scope);
}

/** Whether a key would open more. */
export function stranger() {
  return locked() && known.client === null;
}

/** Where one signs in. */
export function door() {
  const link = made("a", "Sign in with a key");
  link.href = SIGN_IN;
  return link;
}

/** Show who one is, and what one may. */
export async function introduce() {
  await met;
  show(at("operate"), may("operate"));
  if (!locked()) return;
  if (stranger()) {
    at("terms").replaceChildren(terms(), door());
    show(at("terms"));
  } else {
    at("who").textContent = known.client;
    show(at("signed-in"));
    at("leave").addEventListener("click", signOut);
  }
}

async function meet() {
  try {
    const response = await fetch("/session", { cache: "no-store" });
    if (response.ok) known = await response.json();
  } catch {
    // Asked again with the next visit; a picture that is refused meanwhile says why.
  }
}

function terms() {
  const { visitors } = known;
  if (!visitors) return "This service asks for a key. ";
  const often = visitors.seconds === 3600 ? "an hour" : `in ${Math.round(visitors.seconds / 60)} minutes`;
  return `Without a key, ${visitors.requests} pictures ${often}. `;
}

async function signOut() {
  await fetch("/session/end", { method: "POST", headers: headers() }).catch(() => undefined);
  location.reload();
}
