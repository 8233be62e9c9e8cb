"""The look of the report; light or dark as the reader has it."""

STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --faint: #667080; --rule: #dfe3e8;
  --c1: #1f6feb; --c2: #b35900; --c3: #c9252d; --c4: #7d8590; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --text: #e6e9ed; --faint: #98a2ae;
  --rule: #30363d; --c1: #6cb0ff; --c2: #f0a04b; --c3: #ff7b7b; --c4: #8b949e; } }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.lead { color: var(--faint); margin-top: .2rem; overflow-wrap: anywhere; }
.warn { border-left: 4px solid var(--c3); padding-left: .8rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; overflow-wrap: anywhere; }
td:first-child { min-width: 8rem; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; }
figure ul { list-style: none; margin: 0; padding: 0; display: flex; gap: 1.2rem; font-size: 13px; }
li::before { content: ""; display: inline-block; width: 1.1em; height: .22em; margin-right: .4em;
  vertical-align: middle; background: var(--c); }
.c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); } .c4 { --c: var(--c4); }
svg { width: 100%; height: auto; }
path { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.grid { stroke: var(--rule); } text { fill: var(--faint); font-size: 11px; }
text.x { text-anchor: middle; } text.y { text-anchor: end; }
.spot { fill: transparent; } .spot:hover { fill: var(--c4); fill-opacity: .15; }
"""
