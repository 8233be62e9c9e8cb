// What this page asks of the service. The cookie says who asks, the token that this page does.

let token = "";

/** A refusal, in words. */
export class Refused extends Error {}

/** Who is signed in, and whether anybody may operate. */
export async function session() {
  const told = await asked("/session");
  token = told.csrf;
  return told;
}

export const change = (limits) => sent("/operate/limits", limits);
export const letters = () => asked("/operate/dead-letters");
export const redrive = (id) => sent("/operate/dead-letters/redrive", id ? { id } : {});
export const remove = (id) => sent("/operate/dead-letters/remove", { id });

/** Sign out; then there is nothing more to see here. */
export async function leave() {
  await fetch("/session/end", { method: "POST", headers: { "X-CSRF-Token": token } });
  location.assign("/sign-in?next=/operate");
}

function sent(path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  return asked(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function asked(path, about = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...about });
  } catch {
    throw new Refused("The service cannot be reached just now.");
  }
  const document_ = await response.json().catch(() => ({}));
  if (response.ok) return document_;
  if (response.status === 401) location.assign("/sign-in?next=/operate");
  throw new Refused(document_.error?.message ?? `Status ${response.status}.`);
}
