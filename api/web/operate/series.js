// What is drawn, by window: ticks of the last minutes, or CloudWatch's values from further back.

export const SHOWN = 15 * 60; // seconds of ticks
const LEAST = 3 * 60; // of them, however few there are
const MOST = 1000;

/** The ticks as they came, the newest last, never more than are shown. */
export class Ticks {
  list = [];

  add(fresh) {
    // A service that was begun anew counts from the start.
    if (fresh.length > 1 && fresh.at(-1).id < this.list.at(-1)?.id) this.list = [];
    const last = this.list.at(-1)?.id ?? "";
    for (const tick of fresh) if (tick.id > last) this.list.push(tick);
    const since = (this.list.at(-1)?.at ?? 0) - SHOWN;
    const old = Math.max(this.list.findIndex((tick) => tick.at >= since), this.list.length - MOST);
    if (old > 0) this.list.splice(0, old);
  }

  get last() {
    return this.list.at(-1) ?? null;
  }
}

const LEVELS = [
  "queued", "inFlight", "oldest", "busy", "idle", "launching", "draining", "desired", "criterion",
  "p50", "p95", "p99", "hourly", "perThousand",
];

/** Lines of the last minutes. Where nobody ticked for long, a gap. */
export function ofTicks(ticks) {
  const list = ticks.list;
  const at = list.map((tick) => tick.at);
  const series = Object.fromEntries(LEVELS.map((name) => [name, list.map((tick) => tick[name])]));
  const since = list.map((tick, number) => pause(list, number));
  series.arrived = list.map((tick, number) => rate(tick.arrived, since[number]));
  series.served = list.map((tick, number) => rate(tick.served, since[number]));
  const codes = {};
  list.forEach((tick, number) => {
    for (const [code, count] of Object.entries(tick.codes)) {
      if (code === "ok") continue;
      codes[code] ??= list.map(() => 0);
      codes[code][number] = count;
    }
  });
  const to = at.at(-1) ?? Date.now() / 1000;
  // A service that has just begun has no past to leave room for.
  const span = Math.min(SHOWN, Math.max(LEAST, to - (at[0] ?? to)));
  return { at, series, codes, from: to - span, to, step: 3 * (list.at(-1)?.every ?? 5) };
}

/** Lines out of CloudWatch: sums become rates. */
export function ofHistory(told) {
  const { at, period, codes } = told;
  const series = { ...told.series };
  for (const name of ["arrived", "served"]) {
    series[name] = series[name].map((sum) => rate(sum, period));
  }
  const whole = Object.fromEntries(
    Object.entries(codes).map(([code, counts]) => [code, counts.map((count) => count ?? 0)]),
  );
  return { at, series, codes: whole, from: at[0], to: at.at(-1), step: 2.5 * period };
}

/** Of the last minute: requests, errors, answers a second. */
export function lately(ticks) {
  const now = ticks.last?.at ?? 0;
  const recent = ticks.list.filter((tick) => tick.at > now - 60);
  if (!recent.length) return null;
  const first = ticks.list.indexOf(recent[0]);
  const spent = recent.reduce((sum, tick, number) => sum + pause(ticks.list, first + number), 0);
  const sum = (of) => recent.reduce((total, tick) => total + of(tick), 0);
  const all = sum((tick) => Object.values(tick.codes).reduce((total, count) => total + count, 0));
  return {
    arrived: rate(sum((tick) => tick.arrived), spent),
    answers: all,
    errors: all - sum((tick) => tick.codes.ok ?? 0),
  };
}

function pause(list, number) {
  const tick = list[number];
  const before = list[number - 1];
  return before && before.epoch === tick.epoch ? Math.max(0.1, tick.at - before.at) : (tick.every ?? 5);
}

function rate(count, spent) {
  return count === null || count === undefined ? null : count / spent;
}
