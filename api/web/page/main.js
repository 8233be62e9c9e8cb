// The public page: a picture in, an answer out.

import { answer, names } from "./answer.js";
import { at } from "./dom.js";
import { describe, hang } from "./frame.js";
import { journey, resumed } from "./journey.js";
import { only, say } from "./panels.js";
import { recall, remember } from "./recent.js";
import { cancel, Refused } from "./service.js";
import { introduce } from "./session.js";
import { snippets, write } from "./snippets.js";
import { listen } from "./sources.js";
import { pictured } from "./thumbnail.js";
import { prepare, trouble } from "./trouble.js";
import { begin, end, lasted, tell } from "./waiting.js";

let going = null; // what is under way: its way out, and its job's id once it has one

function take(picture) {
  hang(picture);
  write(picture);
  slip("");
  run(picture, (signal) => journey(picture, signal));
}

async function run(picture, way) {
  leave();
  const mine = (going = { stop: new AbortController(), job: null });
  begin();
  try {
    for await (const job of way(mine.stop.signal)) {
      if (going !== mine) return;
      if (job.status === "succeeded") arrived(picture, job);
      else {
        mine.job = job.uuid;
        tell(job);
      }
    }
  } catch (error) {
    if (going !== mine) return; // somebody asked for another picture meanwhile
    const known = error instanceof Refused;
    if (!known) console.error(error);
    trouble(known ? error : new Refused("internal", String(error)), () => take(picture), (id) => look(picture, id));
  }
  if (going === mine) going = null;
  if (going === null) end();
}

function look(picture, id) {
  run(picture, (signal) => resumed(id, signal));
}

function arrived(picture, found) {
  const waited = lasted();
  if (found.labels.length === 0) throw new Refused("unlabelled", "The model has no label for this picture.");
  answer(found, waited);
  describe(names(found.labels[0])[0]);
  remember(picture, found, waited);
}

/** Nobody waits any more for what is under way. */
function leave() {
  const left = going;
  going = null;
  end();
  left?.stop.abort();
  if (left?.job) cancel(left.job);
}

function slip(text) {
  at("slip").textContent = text;
  at("address").ariaInvalid = String(Boolean(text));
  if (text) say(text);
}

function reopened({ answer: found, waited, url, name, small }) {
  leave();
  hang(url ? { url, name } : { blob: pictured(small), name });
  answer(found, waited);
  scrollTo({ top: 0, behavior: "smooth" });
}

prepare();
snippets();
introduce();
recall(reopened);
listen(take, slip);
at("cancel").addEventListener("click", () => {
  leave();
  only("idle");
  say("Canceled.");
  at("choose").focus();
});
addEventListener("pagehide", leave);
addEventListener("pageshow", () => {
  // Back again, and what was under way is canceled.
  if (!at("waiting").hidden) only("idle");
});
document.documentElement.classList.add("ready");
