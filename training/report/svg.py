"""Pictures in SVG, drawn here: no script, nothing from elsewhere. Colors come from the page's style."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from training.report.scales import Scale, counting, rising

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 748, 14, 226


@dataclass(frozen=True, slots=True)
class Line:
    """A value for each epoch from the first; None is a gap. `kind` names its color in the style."""

    name: str
    kind: str
    values: Sequence[float | None]


def curves(title: str, lines: Sequence[Line], percent: bool = False) -> Markup:
    """A figure with its legend: lines over epochs."""
    shown = [line for line in lines if any(_finite(value) for value in line.values)]
    high = max(
        (_of(line.values, at) for line in shown for at in range(len(line.values))), default=1.0
    )
    x = counting(max((len(line.values) for line in shown), default=1), LEFT, RIGHT)
    y = rising(high, BOTTOM, TOP, percent)
    parts = [_grid(x, y), *(_path(x, y, line) for line in shown), _spots(x, shown, percent)]
    return _figure(title, shown, Markup("").join(parts), HEIGHT)


def bars(title: str, parts: Sequence[Line], unit: str) -> Markup:
    """A figure with its legend: a bar for each epoch, its parts one upon another."""
    count = max((len(part.values) for part in parts), default=0)
    sums = [sum(_of(part.values, at) for part in parts) for at in range(count)]
    y = rising(max(sums, default=1.0), BOTTOM, TOP)
    width = (RIGHT - LEFT) / max(1, count)
    x = Scale(0.5, count + 0.5, LEFT, RIGHT, counting(max(1, count), LEFT, RIGHT).ticks)
    drawn = [_grid(x, y)]
    for at in range(count):
        below = 0.0
        told = ", ".join(f"{part.name} {_of(part.values, at):.1f} {unit}" for part in parts)
        for part in parts:
            value = _of(part.values, at)
            top = y.at(below + value)
            drawn.append(
                Markup(
                    '<rect class="bar {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
                    "<title>{}</title></rect>"
                ).format(
                    part.kind,
                    LEFT + (at + 0.1) * width,
                    top,
                    0.8 * width,
                    y.at(below) - top,
                    f"epoch {at + 1}: {told}",
                )
            )
            below += value
    return _figure(title, parts, Markup("").join(drawn), HEIGHT)


def _figure(title: str, lines: Sequence[Line], drawn: Markup, height: int) -> Markup:
    legend = Markup("").join(
        Markup('<li class="{}">{}</li>').format(line.kind, line.name) for line in lines
    )
    return Markup(
        '<figure><figcaption>{}</figcaption><ul>{}</ul><svg viewBox="0 0 {} {}" role="img" '
        'aria-label="{}">{}</svg></figure>'
    ).format(title, legend, WIDTH, height, title, drawn)


def _grid(x: Scale, y: Scale) -> Markup:
    rows = [
        Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            LEFT, RIGHT, y.at(value), y.at(value)
        )
        + Markup('<text class="y" x="{}" y="{:.1f}">{}</text>').format(
            LEFT - 8, y.at(value) + 4, text
        )
        for value, text in y.ticks
    ]
    columns = [
        Markup('<text class="x" x="{:.1f}" y="{}">{}</text>').format(x.at(value), BOTTOM + 20, text)
        for value, text in x.ticks
    ]
    return Markup("").join([*rows, *columns])


def _path(x: Scale, y: Scale, line: Line) -> Markup:
    words, pen = [], "M"
    for at, value in enumerate(line.values):
        if not _finite(value):
            pen = "M"
            continue
        words.append(f"{pen}{x.at(at + 1):.1f} {y.at(float(value or 0)):.1f}")
        pen = "L"
    # A lone point has no length; the round cap of a line to itself shows it.
    if len(words) == 1:
        words.append(words[0].replace("M", "L"))
    return Markup('<path class="{}" d="{}"/>').format(line.kind, "".join(words))


def _spots(x: Scale, lines: Sequence[Line], percent: bool) -> Markup:
    """What is told while the pointer is at an epoch."""
    count = max((len(line.values) for line in lines), default=0)
    half = (RIGHT - LEFT) / max(1, count - 1) / 2
    spots = []
    for at in range(count):
        told = ", ".join(
            f"{line.name} {_told(line.values[at], percent)}"
            for line in lines
            if at < len(line.values)
        )
        spots.append(
            Markup(
                '<rect class="spot" x="{:.1f}" y="{}" width="{:.1f}" height="{}"><title>{}</title></rect>'
            ).format(x.at(at + 1) - half, TOP, 2 * half, BOTTOM - TOP, f"epoch {at + 1}: {told}")
        )
    return Markup("").join(spots)


def _told(value: float | None, percent: bool) -> str:
    if not _finite(value):
        return "-"
    return f"{value:.2%}" if percent else f"{value:.4g}"


def _of(values: Sequence[float | None], at: int) -> float:
    value = values[at] if at < len(values) else None
    return float(value or 0.0) if _finite(value) else 0.0


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
