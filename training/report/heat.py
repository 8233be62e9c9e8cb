"""The picture of a confusion matrix, in SVG; colors come from the page's style."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

CELL = 26  # pixels
LONGEST = 18  # characters of a name that are shown
LETTER = 6.4  # pixels of one, about
SLANT = 0.87, 0.5  # of names over the columns: height and width, for their length


def heat(title: str, counts: np.ndarray, names: Sequence[str]) -> Markup:
    """A row for each true class; the darker a cell, the larger its share of the row.

    Args:
        counts: integers (classes, classes).
    """
    shown = [_short(name) for name in names]
    room = 12 + LETTER * max(len(name) for name in shown)
    size, above, beyond = CELL * len(names), 12 + SLANT[0] * room, SLANT[1] * room
    width, height = room + size + beyond, above + size + 2
    body = Markup('<g transform="translate({:.0f} {:.0f})">{}{}</g>').format(
        room, above, _headings(shown), _cells(counts, names)
    )
    return Markup(
        '<figure class="wide"><figcaption>{}</figcaption><div><svg class="matrix" role="img" '
        'aria-label="{}" viewBox="0 0 {:.0f} {:.0f}" style="width:{:.0f}px">{}</svg></div></figure>'
    ).format(title, title, width, height, width, body)


def _cells(counts: np.ndarray, names: Sequence[str]) -> Markup:
    totals = np.maximum(counts.sum(axis=1), 1)
    cells = []
    for row, column in np.argwhere(counts).tolist():
        count, share = int(counts[row, column]), float(counts[row, column] / totals[row])
        cells.append(
            Markup(
                '<g class="{}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" '
                'fill-opacity="{:.3f}"/><text class="n{}" x="{}" y="{}">{}</text></g>'
            ).format(
                "right" if row == column else "wrong",
                f"{names[row]}, said to be {names[column]}: {count} ({share:.0%})",
                column * CELL,
                row * CELL,
                CELL - 1,
                CELL - 1,
                0.08 + 0.92 * share,
                " deep" if share > 0.5 else "",
                (column + 0.5) * CELL,
                (row + 0.5) * CELL + 4,
                count if count < 1000 else f"{count / 1000:.0f}k",
            )
        )
    return Markup("").join(cells)


def _headings(names: Sequence[str]) -> Markup:
    lines = []
    for at, name in enumerate(names):
        middle = (at + 0.5) * CELL
        lines.append(
            Markup('<text class="y" x="-6" y="{}">{}</text>').format(middle + 4, name)
            + Markup('<text transform="translate({} -6) rotate(-60)">{}</text>').format(
                middle + 2, name
            )
        )
    return Markup("").join(lines)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
