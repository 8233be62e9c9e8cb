// Numbers and times as people read them.

const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** A number: three digits that matter, and none after the point from a hundred on. */
export function number(value) {
  if (value === null || value === undefined) return "–";
  return Math.abs(value) >= 100 ? plain.format(value) : fine.format(value);
}

/** Seconds in their own unit: 40 ms, 3.2 s, 4 min, 2 h. */
export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0 s";
  if (value < 1) return `${number(1000 * value)} ms`;
  if (value < 120) return `${number(value)} s`;
  if (value < 7200) return `${number(value / 60)} min`;
  return value < 172800 ? `${number(value / 3600)} h` : `${number(value / 86400)} d`;
}

/** Dollars, however few. */
export function dollars(value) {
  return value === null || value === undefined ? "–" : `${number(value)} $`;
}

/** A time of day here; `exact` with its seconds. */
export function clock(at, exact = true) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (exact) options.second = "2-digit";
  return new Date(1000 * at).toLocaleTimeString("en", options);
}

/** How long ago. */
export function ago(at, now) {
  return at === null || at === undefined ? "–" : seconds(Math.max(0, Math.round(now - at)));
}

/** One of them, or several. */
export function count(number_, one, many = `${one}s`) {
  return `${plain.format(number_)} ${number_ === 1 ? one : many}`;
}
