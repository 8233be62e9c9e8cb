"""What a series of sizes says of each part: where it began and ended, its trend, its limit. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from bench.memory.trend import Trend, trend

LIMITS: Mapping[str, float] = {
    "front end": 120,
    "worker": 400,
    "balancer": 80,
    "local endpoint": 150,
}
"""Part -> MB (10^6 bytes) that it may hold; what a part consists of is told beside it."""
TOLERATED = 10.0  # MB an hour; less cannot be told from an allocator's mood within half an hour
MEGA = 1e6 / 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """Sizes in MiB by part, so many seconds after the load began."""

    at: float
    sizes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Part:
    """Sizes in MB (10^6 bytes). `line` is the trend after the warm-up, None with too few samples."""

    name: str
    start: float
    end: float
    most: float
    line: Trend | None
    limit: float | None

    @property
    def over(self) -> bool:
        return self.limit is not None and self.most > self.limit

    @property
    def grows(self) -> bool:
        return self.line is not None and self.line.grows(TOLERATED)

    @property
    def holds(self) -> bool:
        return not (self.over or self.grows)

    def as_json(self) -> dict[str, object]:
        """Its figures."""
        return {**asdict(self), "over": self.over, "grows": self.grows}


def judged(samples: Sequence[Sample], warm_up: float) -> list[Part]:
    """Every part that was there at the end, the largest first.

    Args:
        samples: in the order of their times; at least one.
        warm_up: seconds that the trend leaves out: caches fill, the allocator finds its size.
    """
    names = sorted(samples[-1].sizes, key=lambda name: -samples[-1].sizes[name])
    return [_part(name, samples, warm_up) for name in names]


def _part(name: str, samples: Sequence[Sample], warm_up: float) -> Part:
    there = [(each.at, each.sizes[name] / MEGA) for each in samples if name in each.sizes]
    later = [(at, size) for at, size in there if at >= warm_up]
    line = trend(*zip(*later, strict=True)) if len(later) > 1 else None
    sizes = [size for _, size in there]
    return Part(name, sizes[0], sizes[-1], max(sizes), line, LIMITS.get(name))
