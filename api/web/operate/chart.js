// One chart: lines, stacked areas or stacked bars over time, with its values in words and as a table.
//
// It is read with the pointer, with the arrow keys, and as a table; it says in a sentence what it shows.

import { drawn, made, say } from "./dom.js";
import { clock } from "./format.js";
import { area, bars, line, marks, nearest, stacked, times } from "./scale.js";
import { tabled } from "./table.js";

const HEIGHT = 148;
const EDGE = { top: 10, right: 6, bottom: 20, left: 44 };

/** A chart. `about`: title, unit (a function to words), series [{name, label, tone, stairs, dashed}], stack, bars, whole,
 *  empty (said when nothing is known), guide (a function of the frame to a value that is marked). */
export class Chart {
  #about;
  #frame = null;
  #cursor = null;
  #width = 320;
  #x = null; // from a time to its place
  #parts = {};
  #legend = new Map();
  #told;

  constructor(about, told) {
    this.#about = about;
    this.#told = told;
    this.element = made("figure", `chart ${about.kind ?? ""}`.trim());
    this.#build();
    new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width && width !== this.#width) {
        this.#width = width;
        this.#draw();
      }
    }).observe(this.#parts.plot);
  }

  /** Draw what is known now. */
  show(frame) {
    this.#frame = frame;
    this.#draw();
  }

  /** Point at a time, in every chart alike; null points nowhere. */
  point(time) {
    this.#cursor = time;
    this.#read();
  }

  #build() {
    const parts = this.#parts;
    const title = made("h3", "", this.#about.title);
    title.id = `chart-${this.#about.id}`;
    parts.values = made("ul", "legend");
    parts.svg = drawn("svg", { class: "plot", "aria-hidden": "true", height: HEIGHT });
    parts.grid = drawn("g", { class: "grid" });
    parts.shapes = drawn("g", { class: "shapes" });
    parts.guide = drawn("g", { class: "guide" }, [drawn("line"), words(0, 0, "target", "end")]);
    parts.rule = drawn("line", { class: "rule", y1: EDGE.top, y2: HEIGHT - EDGE.bottom });
    parts.svg.append(parts.grid, parts.shapes, parts.guide, parts.rule);
    parts.none = made("p", "none");
    parts.plot = made("div", "canvas", "", [parts.svg, parts.none]);
    parts.plot.tabIndex = 0;
    parts.summary = made("p", "unseen");
    parts.summary.id = `chart-${this.#about.id}-says`;
    // A slider over time: the arrow keys go through it, and what it points at is read aloud.
    name(parts.plot, { role: "slider", "aria-labelledby": title.id, "aria-describedby": parts.summary.id });
    parts.details = made("details", "table", "", [made("summary", "", "As a table")]);
    parts.details.addEventListener("toggle", () => this.#table());
    this.element.append(made("figcaption", "", "", [title, parts.values]), parts.plot, parts.summary, parts.details);
    this.#listen(parts.plot);
  }

  #listen(plot) {
    const timeAt = (event) => {
      const { from, to } = this.#frame;
      const inside = event.clientX - plot.getBoundingClientRect().left - EDGE.left;
      return from + (inside / (this.#width - EDGE.left - EDGE.right)) * (to - from);
    };
    plot.addEventListener("pointermove", (event) => this.#frame && this.#told(timeAt(event)));
    plot.addEventListener("pointerleave", () => this.#told(null));
    plot.addEventListener("blur", () => this.#told(null));
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === "Escape") this.#told(null);
      if (step === undefined || !this.#frame?.at.length) return;
      event.preventDefault();
      const { at } = this.#frame;
      const now = this.#cursor === null ? at.length : nearest(at, this.#cursor);
      this.#told(at[Math.min(at.length - 1, Math.max(0, now + step))]);
    });
  }

  #lines() {
    const { series, codes } = this.#frame;
    if (!this.#about.bars) {
      const named = this.#about.series.filter(({ name }) => series[name]?.some(known));
      return { list: named, values: series };
    }
    const names = Object.keys(codes).filter((code) => codes[code].some((count) => count > 0));
    const list = names.sort().map((name, n) => ({ name, label: name, tone: `t${(n % 6) + 1}` }));
    return { list, values: codes };
  }

  #draw() {
    if (!this.#frame) return;
    const { at, from, to, step } = this.#frame;
    const { list, values } = this.#lines();
    const { svg, none, shapes } = this.#parts;
    const width = this.#width;
    none.hidden = list.length > 0;
    svg.classList.toggle("bare", !list.length);
    say(none, at.length ? this.#about.empty : "No tick yet");
    svg.setAttribute("width", width);
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const piled = this.#about.stack ?? [];
    const pile = this.#about.bars ? list.map(({ name }) => name) : piled.filter((name) => values[name]);
    const layers = pile.length ? stacked(pile, values) : [];
    const guide = this.#about.guide?.() ?? null;
    const tops = [...layers.map(({ upper }) => upper), ...list.filter(({ name }) => !pile.includes(name)).map(({ name }) => values[name])];
    const greatest = Math.max(0, guide ?? 0, ...tops.flat().filter(known));
    const ticks = marks(greatest, this.#about.whole);
    const x = (time) => EDGE.left + ((time - from) / (to - from || 1)) * (width - EDGE.left - EDGE.right);
    const y = (value) => HEIGHT - EDGE.bottom - (value / ticks.at(-1)) * (HEIGHT - EDGE.top - EDGE.bottom);
    this.#axes(ticks, x, y);
    const drawnNow = [];
    for (const { name, lower, upper } of layers) {
      const { tone } = list.find((each) => each.name === name) ?? {};
      if (!tone) continue;
      const d = this.#about.bars ? bars(at, lower, upper, x, y, step) : area(at, lower, upper, x, y, step);
      drawnNow.push({ key: `area ${name}`, class: `area ${tone}`, d });
    }
    for (const { name, tone, stairs, dashed } of list) {
      if (pile.includes(name)) continue;
      const kind = `line ${tone}${dashed ? " dashed" : ""}`;
      drawnNow.push({ key: `line ${name}`, class: kind, d: line(at, values[name], x, y, step, stairs) });
    }
    this.#shapes(shapes, drawnNow);
    const { guide: mark } = this.#parts;
    mark.classList.toggle("off", guide === null);
    if (guide !== null) {
      name(mark.firstChild, { x1: EDGE.left, x2: width - EDGE.right, y1: y(guide), y2: y(guide) });
      name(mark.lastChild, { x: width - EDGE.right, y: y(guide) - 5 });
    }
    this.#x = x;
    this.#entries(list);
    this.#read();
    if (this.#parts.details.open) this.#table();
    say(this.#parts.summary, this.#sentence(list, values));
  }

  #axes(ticks, x, y) {
    const { grid } = this.#parts;
    const { from, to } = this.#frame;
    const room = Math.max(2, Math.floor(this.#width / 110));
    const parts = ticks.map((value) =>
      [
        drawn("line", { x1: EDGE.left, x2: this.#width - EDGE.right, y1: y(value), y2: y(value) }),
        words(EDGE.left - 7, y(value) + 4, this.#about.unit(value), "end"),
      ]);
    const below = times(from, to, room).map((time) => words(x(time), HEIGHT - 5, clock(time, false), "middle"));
    grid.replaceChildren(...parts.flat(), ...below);
  }

  #shapes(group, wanted) {
    // Kept and changed: what is made anew every few seconds is garbage every few seconds.
    while (group.childElementCount > wanted.length) group.lastChild.remove();
    wanted.forEach(({ class: kind, d }, number) => {
      const path = group.children[number] ?? group.appendChild(drawn("path"));
      path.setAttribute("class", kind);
      path.setAttribute("d", d);
    });
  }

  #entries(list) {
    const names = new Set(list.map(({ name }) => name));
    for (const [name, entry] of this.#legend) {
      if (names.has(name)) continue;
      entry.remove();
      this.#legend.delete(name);
    }
    for (const { name, label, tone, dashed } of list) {
      if (this.#legend.has(name)) continue;
      const swatch = made("i", `swatch ${tone}${dashed ? " dashed" : ""}`);
      const entry = made("li", "", "", [swatch, made("span", "", label), made("b")]);
      this.#legend.set(name, entry);
    }
    this.#parts.values.replaceChildren(...list.map(({ name }) => this.#legend.get(name)));
  }

  #read() {
    const { rule } = this.#parts;
    const frame = this.#frame;
    if (!frame?.at.length || !this.#x) return;
    const pointed = this.#cursor === null ? -1 : nearest(frame.at, this.#cursor);
    const number = pointed < 0 ? frame.at.length - 1 : pointed;
    rule.classList.toggle("on", pointed >= 0);
    if (pointed >= 0) name(rule, { x1: this.#x(frame.at[number]), x2: this.#x(frame.at[number]) });
    const { list, values } = this.#lines();
    const said = list.map((each) => {
      const value = pointed < 0 && !this.#about.bars ? latest(values[each.name]) : values[each.name][number];
      const text = this.#about.unit(value ?? null);
      say(this.#legend.get(each.name).lastChild, text);
      return `${each.label} ${text}`;
    });
    name(this.#parts.plot, {
      "aria-valuemin": 0,
      "aria-valuemax": frame.at.length - 1,
      "aria-valuenow": number,
      "aria-valuetext": `${clock(frame.at[number])}: ${said.join(", ") || this.#about.empty}`,
    });
  }

  #sentence(list, values) {
    const { title, unit, empty } = this.#about;
    if (!list.length) return `${title}: ${empty}`;
    const said = list.map(({ name, label }) => {
      const all = values[name].filter(known);
      return `${label} ${unit(latest(values[name]))}, at most ${unit(Math.max(...all))}`;
    });
    return `${title}: ${said.join("; ")}`;
  }

  #table() {
    const { details } = this.#parts;
    details.querySelector(".scroll")?.remove();
    if (!details.open || !this.#frame) return;
    details.append(tabled(this.#about, this.#frame.at, this.#lines()));
  }
}

function known(value) {
  return value !== null && value !== undefined;
}

function latest(values) {
  return values.findLast(known) ?? null;
}

function name(element, about) {
  for (const [name, value] of Object.entries(about)) element.setAttribute(name, value);
}

function words(left, top, text, anchor) {
  const element = drawn("text", { x: left.toFixed(1), y: top.toFixed(1), "text-anchor": anchor });
  element.textContent = text;
  return element;
}
