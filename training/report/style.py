"""The look of the page, light or dark as the reader has it, and the few lines that sort its table."""

STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --faint: #667080; --rule: #dfe3e8;
  --card: #f6f8fa; --c1: #1f6feb; --c2: #b35900; --c3: #c9252d; --c4: #7d8590; --good: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --text: #e6e9ed; --faint: #98a2ae;
  --rule: #30363d; --card: #1c2127; --c1: #6cb0ff; --c2: #f0a04b; --c3: #ff7b7b; --c4: #8b949e;
  --good: #56d364; } }
* { box-sizing: border-box; }
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin-bottom: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin-top: 2.4rem; }
p.lead, .note { color: var(--faint); margin-top: .2rem; overflow-wrap: anywhere; }
.warn { border-left: 4px solid var(--c3); padding-left: .8rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .7rem; padding: 0;
  margin: 1.4rem 0; list-style: none; }
.tiles li { background: var(--card); border-radius: 8px; padding: .6rem .8rem; color: var(--faint);
  font-size: 13px; }
.tiles b { display: block; font-size: 1.35rem; color: var(--text); font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; max-height: 34rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; overflow-wrap: break-word; }
thead th { position: sticky; top: 0; background: var(--back); font-weight: 600; white-space: nowrap; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--c1); }
th[aria-sort=ascending] button::after { content: " ▲"; }
th[aria-sort=descending] button::after { content: " ▼"; }
.n + td:not(.n), .n + th:not(.n) { padding-left: 1rem; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; }
figure ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: .2rem 1.2rem; font-size: 13px; }
figure li::before { content: ""; display: inline-block; width: 1.1em; height: .22em; margin-right: .4em;
  vertical-align: middle; background: var(--c); }
.c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); } .c4 { --c: var(--c4); }
svg { width: 100%; height: auto; display: block; overflow: visible; }
path { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
path.c2 { stroke-dasharray: 5 4; } .bar { fill: var(--c); }
.grid { stroke: var(--rule); } text { fill: var(--faint); font-size: 11px; }
text.x { text-anchor: middle; } text.y { text-anchor: end; }
.spot { fill: transparent; } .spot:hover { fill: var(--c4); fill-opacity: .15; }
.wide > div { overflow-x: auto; } .matrix { max-width: none; }
.right rect { fill: var(--good); } .wrong rect { fill: var(--c3); }
text.n { text-anchor: middle; font-size: 10px; fill: var(--text); } text.deep { fill: var(--back); }
.album { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); gap: 1rem; padding: 0;
  list-style: none; font-size: 13px; line-height: 1.35; }
.album li { min-width: 0; overflow-wrap: anywhere; }
.album img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated;
  background: var(--card);  border-radius: 6px; }
.album span { color: var(--faint); } .album .said { color: var(--c3); } .album .true { color: var(--good); }
code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
@media (max-width: 36rem) { svg:not(.matrix) text { font-size: 19px; } figure { margin: 1rem 0; } }
@media print { .scroll { max-height: none; } }
"""

SORT = """
for (const button of document.querySelectorAll("th button")) button.onclick = () => {
  const head = button.parentElement, body = head.closest("table").tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down > 0 ? "ascending" : "descending");
  const key = row => row.cells[head.cellIndex].dataset.key;
  const number = head.classList.contains("n");
  const order = (a, b) => number ? key(a) - key(b) : key(a).localeCompare(key(b));
  body.append(...[...body.rows].sort((a, b) => down * order(a, b)));
};
"""
