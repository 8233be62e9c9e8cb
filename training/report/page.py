"""The page: one file that asks nobody for anything."""

import base64
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from training.report.figures import Figures
from training.report.heat import heat
from training.report.overfitting import GAP, LASTING, RISE
from training.report.style import SORT, STYLE
from training.report.svg import Line, bars, curves
from training.report.template import PAGE
from training.report.thumbnails import inlined

PLAIN = "plain"  # the recipe of a network that was named alone
PAIRS = 8  # of those most confused, below a matrix that shows them all
LARGEST = 30  # classes of a matrix that can be read
_SORTING = base64.b64encode(hashlib.sha256(SORT.encode()).digest()).decode("ascii")
# Should an escape ever be missed, a browser still loads nothing and runs the table's sorting alone.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    f"script-src 'sha256-{_SORTING}'"
)


def page(figures: Figures, pictures: Mapping[int, np.ndarray], command: str) -> str:
    """The whole document.

    Args:
        figures: what it tells.
        pictures: pixels uint8 (side, side, 3) of the mistakes, by their place.
        command: what makes the run again.
    """
    jinja = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    jinja.filters.update(percent=_percent, key=_key)
    return jinja.from_string(PAGE).render(
        figures=figures,
        title=_title(figures),
        lead=_lead(figures),
        remarks=_remarks(figures),
        tiles=_tiles(figures),
        curves=_curves(figures),
        matrix=_matrix(figures),
        pairs=figures.pairs[: PAIRS if len(figures.names) <= LARGEST else None],
        album=_album(figures, pictures),
        time=_time(figures),
        bars=_bars(figures),
        made=_made(figures, command),
        rules={"rise": RISE, "lasting": LASTING, "gap": f"{100 * GAP:.0f}"},
        policy=Markup(POLICY),
        style=Markup(STYLE),
        sort=Markup(SORT),
    )


def _title(figures: Figures) -> str:
    recipe = figures.recipe
    named = recipe.get("name") if recipe.get("name") != PLAIN else None
    return f"{named or recipe.get('architecture')} on {figures.identity.get('data')}"


def _lead(figures: Figures) -> str:
    counted = figures.identity.get("pictures", {})
    learned = f"{counted['train']} pictures to learn from, " if "train" in counted else ""
    return f"{len(figures.names)} classes, {learned}{figures.pictures} to measure on"


def _remarks(figures: Figures) -> list[str]:
    found = []
    if figures.finished is None:
        found.append(
            f"The run goes on: {len(figures.rows)} of {figures.rows[-1].planned} epochs are done."
        )
    if figures.top1 <= figures.majority:
        found.append(
            f"Who always says the most frequent class is right on {figures.majority:.1%}: this is no better."
        )
    return found


def _tiles(figures: Figures) -> list[tuple[str, str]]:
    last = figures.rows[-1]
    found = [
        ("top-1 on validation", f"{figures.top1:.1%}"),
        ("top-5", f"{figures.top5:.1%}"),
        ("loss", f"{figures.loss:.3f}"),
        (f"kept, of {last.epoch} epochs", f"epoch {figures.kept}"),
        ("training", _duration(figures.time.training)),
        ("waiting for data", f"{figures.time.waiting_share:.0%}"),
    ]
    return [each for each in found if each[0] != "top-5" or len(figures.names) > 5]


def _curves(figures: Figures) -> Markup:
    rows = figures.rows
    both = (("training", "c1", ""), ("validation", "c2", "validation_"))
    drawn = [
        curves(
            title,
            [
                Line(f"{name}", kind, [getattr(row, prefix + what) for row in rows])
                for name, kind, prefix in both
            ],
            what != "loss",
        )
        for title, what in (("Loss", "loss"), ("Top-1", "top1"), ("Top-5", "top5"))
        if what != "top5" or len(figures.names) > 5
    ]
    rate = Line("learning rate at the epoch's end", "c4", [row.rate for row in rows])
    return Markup("").join([*drawn, curves("Rate", [rate])])


def _matrix(figures: Figures) -> Markup | None:
    if len(figures.names) > LARGEST:
        return None
    return heat("Confusion: a row for each true class", figures.matrix, figures.names)


def _album(figures: Figures, pictures: Mapping[int, np.ndarray]) -> list[dict[str, object]]:
    return [
        {
            "image": inlined(pictures[each.place]),
            "said": figures.names[each.said],
            "true": figures.names[each.true],
            "surety": each.surety,
            "given": each.given,
            "file": figures.files[each.place],
        }
        for each in figures.mistakes
    ]


def _time(figures: Figures) -> str:
    spent, steps = figures.time, figures.rows[-1].steps
    each = f", {1000 * spent.training / steps:.1f} ms a step" if steps else ""
    return (
        f"{_duration(spent.training)} of training in {steps} steps{each}: "
        f"{spent.waiting_share:.0%} of it waiting for data, {1 - spent.waiting_share:.0%} computing. "
        f"Validation is not counted."
    )


def _bars(figures: Figures) -> Markup:
    parts = [
        Line("computing", "c1", [row.computing_seconds for row in figures.rows]),
        Line("waiting for data", "c3", [row.waiting_seconds for row in figures.rows]),
    ]
    return bars("Seconds of each epoch", parts, "s")


def _made(figures: Figures, command: str) -> list[tuple[str, str]]:
    identity = figures.identity
    recipe = {name: value for name, value in figures.recipe.items() if value not in (None, {}, [])}
    return [
        ("command", command),
        ("seed", str(identity.get("seed"))),
        ("data", f"{identity.get('data')} ({str(identity.get('fingerprint'))[:12]})"),
        ("backend", str(identity.get("backend"))),
        ("parameters", _counted(identity.get("parameters"))),
        ("recipe", json.dumps(recipe, sort_keys=True)),
        ("versions", ", ".join(f"{name} {value}" for name, value in figures.versions.items())),
    ]


def _counted(number: Any) -> str:
    return f"{number:,}".replace(",", " ") if isinstance(number, int) else "-"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, hours = seconds / 60, seconds / 3600
    return f"{minutes:.1f} min" if hours < 1 else f"{hours:.1f} h"


def _percent(share: float | None) -> str:
    return "-" if share is None or math.isnan(share) else f"{share:.1%}"


def _key(share: float | None) -> str:
    """What a table sorts by; what is not known comes first."""
    return "-1" if share is None else f"{share:.6f}"
