"""One picture of what happened: arrivals, backlog, workers, waits, deadline misses and cost over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from balancer.simulator.outcome import Outcome
from balancer.simulator.traces import Times

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
POINTS = 720  # a tick each would be a smear in a long run
SPANS = ((3 * 86400.0, 86400.0, "days"), (3 * 3600.0, 3600.0, "hours"), (600.0, 60.0, "minutes"))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A run under the name it has in the legend."""

    name: str
    outcome: Outcome


def draw(runs: Sequence[Drawn], title: str, path: Path) -> None:
    """Write a PNG."""
    _figure(runs, title).savefig(path, dpi=110)


def svg(runs: Sequence[Drawn], title: str) -> str:
    """The same as an SVG element, to stand in a page."""
    text = StringIO()
    _figure(runs, title).savefig(text, format="svg")
    whole = text.getvalue()
    return whole[whole.index("<svg") :]


def _figure(runs: Sequence[Drawn], title: str) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(11, 13), layout="constrained")
    axes = figure.subplots(6, 1, sharex=True, height_ratios=(2, 2, 3, 3, 2, 2))
    unit, named = _unit(runs)
    for color, run in zip(_colors(len(runs)), runs, strict=True):
        _lines(axes, run, unit, color)
    labels = (
        "arrivals\na second", "backlog\npictures", "workers",
        "wait\nseconds", "missed deadlines\nso far", "cost so far\ndollars",
    )  # fmt: skip
    for axis, label, least in zip(axes, labels, (0, 5, 2, 1, 5, 0), strict=True):
        axis.set_ylabel(label)
        axis.set_ylim(0, max(axis.get_ylim()[1], least))
        axis.grid(alpha=0.3)
        axis.yaxis.set_major_locator(MaxNLocator(5))
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel(f"time, {named}")
    axes[0].margins(x=0.01)
    figure.align_ylabels(axes)
    figure.suptitle(title, fontsize=12)
    figure.legend(
        *axes[3].get_legend_handles_labels(), loc="outside lower center", ncols=min(4, len(runs))
    )
    axes[2].set_title(
        "solid: ready · thin: ready, launching and not yet told to go", fontsize=9, loc="left"
    )
    axes[3].set_title(
        "mean of those begun in a tick · shaded up to the longest", fontsize=9, loc="left"
    )
    return figure


def _lines(axes: Any, run: Drawn, unit: float, color: str) -> None:
    every = run.outcome.series
    points = _Points(every["at"])
    at = points.last(every["at"]) / unit
    seconds = np.maximum(points.width, 1e-9)
    axes[0].step(at, points.sum(every["arrivals"]) / seconds, where="pre", color="#777777", lw=1)
    axes[1].plot(at, points.most(every["backlog"]), color=color, lw=1.3)
    axes[2].step(at, points.mean(every["ready"]), where="pre", color=color, lw=1.6)
    axes[2].step(at, points.mean(every["workers"]), where="pre", color=color, lw=0.7, alpha=0.7)
    axes[3].plot(at, points.mean(every["wait"]), color=color, lw=1.3, label=run.name)
    axes[3].fill_between(at, points.most(every["longest"]), color=color, alpha=0.12, lw=0)
    axes[4].plot(at, np.cumsum(points.sum(every["misses"])), color=color, lw=1.6)
    axes[5].plot(at, points.last(every["cost"]), color=color, lw=1.6)


class _Points:
    """Ticks in at most POINTS groups."""

    def __init__(self, at: Sequence[float]) -> None:
        size = -(-len(at) // POINTS)
        self._starts = np.arange(0, len(at), size)
        ends = self.last(at)
        self.width = np.diff(ends, prepend=at[0])

    def sum(self, values: Sequence[float]) -> Times:
        sums: Times = np.add.reduceat(np.array(values, dtype=np.float64), self._starts)
        return sums

    def mean(self, values: Sequence[float]) -> Times:
        return self.sum(values) / np.diff(self._starts, append=len(values))

    def most(self, values: Sequence[float]) -> Times:
        most: Times = np.maximum.reduceat(np.array(values, dtype=np.float64), self._starts)
        return most

    def last(self, values: Sequence[float]) -> Times:
        ends = np.append(self._starts[1:], len(values)) - 1
        last: Times = np.array(values, dtype=np.float64)[ends]
        return last


def _colors(count: int) -> list[str]:
    return [COLORS[place % len(COLORS)] for place in range(count)]


def _unit(runs: Sequence[Drawn]) -> tuple[float, str]:
    longest = max(run.outcome.duration for run in runs)
    return next(((unit, name) for least, unit, name in SPANS if longest >= least), (1.0, "seconds"))
