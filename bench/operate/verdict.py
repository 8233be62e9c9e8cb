"""What a run says: live, flat, cheap. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.memory.trend import Trend, trend
from bench.operate.cost import SERVING
from bench.operate.page import Looked

FILLED = 16 * 60.0  # seconds until the page holds as many ticks as it ever will
STALE = 20.0  # seconds: four ticks
TOLERATED = 1.0  # MiB an hour
ALLOWED = 0.02  # of a core


@dataclass(frozen=True, slots=True)
class Verdict:
    """`heap` is the trend once the page is full, in MiB an hour; None where the run was too short to see it.

    `cost` is by part, in shares of a core: open less closed.
    """

    looks: int
    stale: int
    first: Looked
    last: Looked
    heap: Trend | None
    cost: Mapping[str, float]

    @property
    def serving(self) -> float:
        """What the page costs the service, in shares of a core."""
        return sum(self.cost.get(part, 0.0) for part in SERVING)

    @property
    def holds(self) -> bool:
        flat = self.heap is None or not self.heap.grows(TOLERATED)
        return not self.stale and flat and self.serving <= ALLOWED


def judged(
    looks: Sequence[Looked], opened: Mapping[str, float], closed: Sequence[Mapping[str, float]]
) -> Verdict:
    """Of a run.

    Args:
        looks: at least one.
        opened: shares of a core while the page was open.
        closed: the same before and after.
    """
    later = [each for each in looks if each.at >= looks[0].at + FILLED]
    line = trend(*zip(*((e.at, e.heap) for e in later), strict=True)) if len(later) > 2 else None
    cost = {
        part: share - sum(each.get(part, 0.0) for each in closed) / len(closed)
        for part, share in opened.items()
    }
    stale = sum(not each.live or each.age > STALE for each in looks)
    return Verdict(len(looks), stale, looks[0], looks[-1], line, cost)


def told(verdict: Verdict) -> str:
    """In words."""
    first, last = verdict.first, verdict.last
    lines = [
        f"live      {verdict.looks - verdict.stale} of {verdict.looks} looks found it live, "
        f"its newest tick younger than {STALE:g} s",
        f"heap      {first.heap:.2f} MiB at first, {last.heap:.2f} at the end; "
        f"{first.nodes} and {last.nodes} nodes, {first.listeners} and {last.listeners} listeners",
    ]
    if verdict.heap is None:
        lines.append(
            f"          (the run is too short to judge: the page is full after {FILLED / 60:g} minutes)"
        )
    else:
        slope, error = verdict.heap.slope, verdict.heap.error
        lines.append(f"          {slope:+.2f} ± {error:.2f} MiB an hour once it is full")
    parts = ", ".join(f"{part} {100 * share:+.2f}" for part, share in verdict.cost.items())
    lines.append(
        f"cost      {100 * verdict.serving:.2f} % of a core in {' and '.join(SERVING)} "
        f"({100 * ALLOWED:g} allowed); by part, open less closed: {parts}"
    )
    return "\n".join(lines)
