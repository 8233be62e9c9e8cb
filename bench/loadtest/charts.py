"""The four charts of a load test."""

from collections.abc import Callable, Sequence
from functools import partial

from bench.loadtest.outcome import Outcome
from bench.loadtest.scales import Scale, linear, nine, nines
from bench.loadtest.svg import BOTTOM, LEFT, RIGHT, TOP, Line, Spot, chart
from bench.loadtest.timeline import Slice, Timeline

POINTS = 400  # of the percentile curve


def latency(timeline: Timeline) -> str:
    """p50, p99 and the longest of what was due in each slice."""
    lines = [
        Line(name, kind, _line(timeline, partial(Slice.quantile, share=share)))
        for name, kind, share in (("max", "c3", 1.0), ("p99", "c2", 0.99), ("p50", "c1", 0.5))
    ]
    y = _up(_most(lines), " s")
    spots = _spots(timeline, lambda each: ", ".join(_told(each)))
    return chart("Latency by due time", _across(timeline), y, lines, spots)


def percentiles(outcomes: Sequence[Outcome]) -> str:
    """The share of the answers that took no longer; every sample counts, `POINTS` of them are drawn."""
    ordered = sorted(outcome.seconds for outcome in outcomes if outcome.ok)
    x = nines(len(ordered), LEFT, RIGHT)
    shares = (1 - 10 ** -(x.high * step / POINTS) for step in range(POINTS + 1))
    ranks = {min(len(ordered) - 1, int(len(ordered) * share)) for share in shares if ordered}
    points = [(nine(rank / len(ordered)), ordered[rank]) for rank in sorted(ranks)]
    y = _up(ordered[-1] if ordered else 0.0, " s")
    return chart("Latency by percentile", x, y, [Line("answered", "c1", points)])


def throughput(timeline: Timeline) -> str:
    """Requests due and answers that came, a second."""
    width = timeline.width
    lines = [
        Line("due", "c4", _line(timeline, lambda each: each.due / width)),
        Line("answered", "c1", _line(timeline, lambda each: each.answered / width)),
    ]
    spots = _spots(timeline, lambda each: f"{each.due} due, {each.answered} answered")
    return chart("Requests a second", _across(timeline), _up(_most(lines), ""), lines, spots)


def errors(timeline: Timeline) -> str:
    """Errors of every kind, a second."""
    width = timeline.width
    points = _line(timeline, lambda each: each.errors.total() / width)
    lines = [Line("errors", "c3", points)]
    spots = _spots(timeline, lambda each: _listed(each) or "no errors")
    return chart("Errors a second", _across(timeline), _up(_most(lines), ""), lines, spots)


def _line(
    timeline: Timeline, value: Callable[[Slice], float | None]
) -> list[tuple[float, float | None]]:
    half = timeline.width / 2
    return [(each.begin + half, value(each)) for each in timeline.slices]


def _across(timeline: Timeline) -> Scale:
    return linear(len(timeline.slices) * timeline.width, LEFT, RIGHT, " s", parts=8)


def _up(most: float, unit: str) -> Scale:
    return linear(most, BOTTOM, TOP, unit)


def _most(lines: Sequence[Line]) -> float:
    return max((value for line in lines for _, value in line.points if value), default=1.0)


def _spots(timeline: Timeline, text: Callable[[Slice], str]) -> list[Spot]:
    return [
        Spot(each.begin, each.begin + timeline.width, f"{each.begin:.4g} s: {text(each)}")
        for each in timeline.slices
    ]


def _told(each: Slice) -> list[str]:
    if not each.seconds:
        return ["no answers"]
    shares = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    return [f"{name} {1000 * (each.quantile(share) or 0):.1f} ms" for name, share in shares]


def _listed(each: Slice) -> str:
    return ", ".join(f"{count} {code}" for code, count in each.errors.most_common())
