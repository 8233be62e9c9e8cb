// The operator's page: what the stream says, drawn.

import { charts } from "./charts.js";
import { decisions } from "./decisions.js";
import { at, say } from "./dom.js";
import { Feed } from "./feed.js";
import { clock } from "./format.js";
import { ledger } from "./ledger.js";
import { letters, waiting } from "./letters.js";
import { limits, stands } from "./limits.js";
import { now } from "./now.js";
import { ofHistory, ofTicks, Ticks } from "./series.js";
import { leave, session } from "./service.js";

const QUIET = 20; // seconds without a tick after which the balancer is said to be silent
const WORDS = { live: "Live", lost: "Connection lost, trying again", waiting: "Connecting", silent: "No tick comes" };

const ticks = new Ticks();
const past = {};
let standing = null;
let workers = null;
let state = "waiting";
let since = 0;
let due = false;

const draw = charts(at("charts"), () => standing?.holds?.targetWait ?? null);

const heard = {
  ticks: (fresh) => ticks.add(fresh),
  standing: (told) => stands((standing = told)),
  ledger: (told) => (workers = told),
  dead: (told) => waiting(told),
  sources: ({ failed }) => troubled(failed ?? {}),
  "3h": (told) => (past["3h"] = told),
  "24h": (told) => (past["24h"] = told),
};

const feed = new Feed(
  (topic, told) => {
    if (told !== null) heard[topic](told);
    soon();
  },
  (word) => {
    state = word;
    since = Date.now() / 1000;
    pulse();
  },
);

function chosen() {
  return document.querySelector("input[name=window]:checked").value;
}

/** Draw once for all that came together, and not while nobody sees it. */
function soon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    drawn();
  });
}

function drawn() {
  const name = chosen();
  if (name === "15m") draw(ofTicks(ticks));
  else if (past[name]) draw(ofHistory(past[name]));
  now(ticks);
  decisions(at("decisions"), ticks);
  ledger(at("workers"), workers);
  pulse();
}

function pulse() {
  const last = ticks.last;
  const every = standing?.holds?.every ?? 5;
  // The balancer writes quiet ticks down seldom until it hears that somebody looks.
  const newest = Math.max(last?.at ?? 0, since);
  const silent = last && Date.now() / 1000 - newest > Math.max(QUIET, 4 * every);
  const word = state === "live" && silent ? "silent" : state;
  at("pulse").dataset.state = word;
  say(at("pulse"), WORDS[word]);
  if (!last) return;
  at("pulse").title = `Last tick ${clock(last.at)}`;
  at("pulse").dataset.tick = last.at;
}

function troubled(failed) {
  const names = { ticks: "Ticks", standing: "Limits and workers", dead: "Dead letters", "3h": "CloudWatch", "24h": "CloudWatch" };
  const said = Object.entries(failed).map(([name, since]) => `${names[name]} cannot be read since ${clock(since)}.`);
  at("trouble").hidden = !said.length;
  say(at("trouble"), [...new Set(said)].join(" "));
}

async function begin() {
  const told = await session().catch(() => null);
  at("public").hidden = told?.access !== "public";
  at("who").hidden = at("leave").hidden = !told?.client;
  say(at("who"), told?.client ?? "");
  at("leave").addEventListener("click", leave);
  at("windows").addEventListener("change", () => {
    feed.open(chosen());
    soon();
  });
  limits();
  letters();
  feed.open(chosen());
  setInterval(drawn, 10_000);
}

begin();
