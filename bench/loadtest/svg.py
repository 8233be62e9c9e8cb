"""Charts in SVG, drawn here: no script and nothing from elsewhere. Colors come from the page's style."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bench.loadtest.scales import Scale

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 748, 14, 226


@dataclass(frozen=True, slots=True)
class Line:
    """Points in the order of x; None in y is a gap. `kind` names its color in the style."""

    name: str
    kind: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True, slots=True)
class Spot:
    """What is told while the pointer is between two values of x."""

    begin: float
    end: float
    text: str


def chart(title: str, x: Scale, y: Scale, lines: Sequence[Line], spots: Sequence[Spot] = ()) -> str:
    """A figure with its legend."""
    parts = [*_grid(x, y), *(_path(x, y, line) for line in lines), *(_spot(x, s) for s in spots)]
    legend = "".join(f'<li class="{line.kind}">{escape(line.name)}</li>' for line in lines)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption><ul>{legend}</ul>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _grid(x: Scale, y: Scale) -> list[str]:
    rows = [
        f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y.at(value):.1f}" y2="{y.at(value):.1f}"/>'
        f'<text class="y" x="{LEFT - 8}" y="{y.at(value) + 4:.1f}">{escape(text)}</text>'
        for value, text in y.ticks
    ]
    columns = [
        f'<line class="grid" x1="{x.at(value):.1f}" x2="{x.at(value):.1f}" y1="{TOP}" y2="{BOTTOM}"/>'
        f'<text class="x" x="{x.at(value):.1f}" y="{BOTTOM + 20}">{escape(text)}</text>'
        for value, text in x.ticks
    ]
    return rows + columns


def _path(x: Scale, y: Scale, line: Line) -> str:
    words, pen = [], "M"
    for at, value in line.points:
        if value is None:
            pen = "M"
            continue
        words.append(f"{pen}{x.at(at):.1f} {y.at(value):.1f}")
        pen = "L"
    # A lone point has no length; the round cap of a line to itself shows it.
    if len(words) == 1:
        words.append(words[0].replace("M", "L"))
    return f'<path class="{line.kind}" d="{"".join(words)}"/>'


def _spot(x: Scale, spot: Spot) -> str:
    begin, end = x.at(spot.begin), x.at(spot.end)
    return (
        f'<rect class="spot" x="{begin:.1f}" y="{TOP}" width="{max(0.5, end - begin):.1f}" '
        f'height="{BOTTOM - TOP}"><title>{escape(spot.text)}</title></rect>'
    )
