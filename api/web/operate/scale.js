// From values to places in a drawing, and the few numbers that stand beside it. Pure.

/** The least round number at or above the greatest value, and the marks up to it. */
export function marks(greatest, whole = false) {
  const most = Math.max(greatest, whole ? 2 : 1e-9);
  const rough = most / 2;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough - 1e-12);
  const even = whole ? Math.max(1, Math.ceil(step)) : step;
  const count = Math.max(1, Math.ceil(most / even - 1e-9));
  return Array.from({ length: count + 1 }, (_, number) => number * even);
}

const STEPS = [60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600];

/** Round times of day between two, as many as there is room for. */
export function times(from, to, room) {
  const step = STEPS.find((each) => (to - from) / each <= room) ?? STEPS.at(-1);
  const zone = -60 * new Date(1000 * to).getTimezoneOffset();
  const first = Math.ceil((from + zone) / step) * step - zone;
  const found = [];
  for (let at = first; at <= to; at += step) found.push(at);
  return found;
}

/** A line through points that are known; it breaks where one is not, or the next is far off. */
export function line(at, values, x, y, step, stairs = false) {
  let path = "";
  let before = null;
  values.forEach((value, number) => {
    if (value === null || value === undefined) {
      before = null;
      return;
    }
    const [left, top] = [x(at[number]).toFixed(1), y(value).toFixed(1)];
    const joined = before !== null && at[number] - before <= step;
    path += joined ? `${stairs ? `H${left}V${top}` : `L${left} ${top}`}` : `M${left} ${top}`;
    before = at[number];
  });
  return path;
}

/** The area between two lines, in pieces where it breaks. */
export function area(at, lower, upper, x, y, step) {
  let path = "";
  let piece = [];
  const close = () => {
    if (piece.length > 1) {
      const over = piece.map((n) => `${x(at[n]).toFixed(1)} ${y(upper[n]).toFixed(1)}`);
      const under = piece.map((n) => `${x(at[n]).toFixed(1)} ${y(lower[n]).toFixed(1)}`).reverse();
      path += `M${over.join("L")}L${under.join("L")}Z`;
    }
    piece = [];
  };
  at.forEach((time, number) => {
    const known = upper[number] !== null && upper[number] !== undefined;
    if (piece.length && (!known || time - at[piece.at(-1)] > step)) close();
    if (known) piece.push(number);
  });
  close();
  return path;
}

/** Each series on top of those before it: its lower and upper line. */
export function stacked(names, series) {
  const sums = (series[names[0]] ?? []).map(() => 0);
  return names.map((name) => {
    const lower = [...sums];
    series[name].forEach((value, number) => {
      sums[number] += value ?? 0;
    });
    const upper = sums.map((sum, number) => (series[name][number] === null ? null : sum));
    return { name, lower, upper };
  });
}

/** The number of the point that is nearest to a time; -1 where there is none. */
export function nearest(at, time) {
  let [low, high] = [0, at.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < time) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && time - at[low - 1] < at[low] - time) return low - 1;
  return at.length ? low : -1;
}

/** A bar for each value above nothing, each a third of the pause that still counts as none. */
export function bars(at, lower, upper, x, y, step) {
  const wide = at.length ? Math.max(1.5, (x(at[0] + step / 3) - x(at[0])) * 0.8) : 0;
  const bar = (time, bottom, top) => `M${(x(time) - wide).toFixed(1)} ${y(bottom).toFixed(1)}V${y(top).toFixed(1)}h${wide.toFixed(1)}V${y(bottom).toFixed(1)}Z`;
  return at.map((time, n) => (upper[n] > lower[n] ? bar(time, lower[n], upper[n]) : "")).join("");
}
