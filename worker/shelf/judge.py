"""Is a canary worse than the version beside it? Pure.

Failures: Fisher's exact test, one-sided: how likely would so many of all failures have met the canary, were
both alike? It is exact for the few answers that a small worker has.
R. A. Fisher, "On the interpretation of chi-squared from contingency tables", J. R. Stat. Soc. 85 (1922).

Speed: the medians of what a picture costs the engine, in seconds of one core, so that the size of batches
hardly counts. One picture on all cores wastes much of most of them: it is compared with its like.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

UNLIKELY = 1e-4
"""Of failures by chance. A fleet looks at a canary thousands of times, in as many workers as it has."""

ENOUGH = 30  # pictures of each before their speeds are compared
SLOWER, BESIDE = (
    1.5,
    0.002,
)  # times, and seconds on top: of a fast network's few milliseconds chance takes some
KEPT = 200


@dataclass(slots=True)
class Numbers:
    """What a version did for jobs that named none.

    `costs` are the latest, in core seconds a picture, by how many cores the batch had.
    """

    answered: int = 0
    failed: int = 0
    costs: dict[int, deque[float]] = field(default_factory=dict)

    def did(self, cost: float, cores: int = 1) -> None:
        self.answered += 1
        self.costs.setdefault(cores, deque(maxlen=KEPT)).append(cost)


def verdict(canary: Numbers, usual: Numbers) -> str | None:
    """Why the canary has to go; None while it may stay."""
    return _fails(canary, usual) or _lags(canary, usual)


def chance(canary: Numbers, usual: Numbers) -> float:
    """How likely at least so many of all failures met the canary, were both alike: 0 to 1."""
    mine = canary.answered + canary.failed
    both = mine + usual.answered + usual.failed
    failures = canary.failed + usual.failed
    ways = math.comb(both, failures)
    met = range(canary.failed, min(mine, failures) + 1)
    return sum(math.comb(mine, k) * math.comb(both - mine, failures - k) for k in met) / ways


def _fails(canary: Numbers, usual: Numbers) -> str | None:
    if not canary.failed or chance(canary, usual) >= UNLIKELY:
        return None
    return f"it fails more: {_share(canary)}; the version in service {_share(usual)}"


def _lags(canary: Numbers, usual: Numbers) -> str | None:
    for cores in canary.costs.keys() & usual.costs.keys():
        mine, its = canary.costs[cores], usual.costs[cores]
        if min(len(mine), len(its)) < ENOUGH:
            continue
        ours, theirs = _median(mine), _median(its)
        if ours > SLOWER * theirs + BESIDE:
            return (
                f"it is slower: {1000 * ours:.1f} ms of a core a picture, median of {len(mine)}; "
                f"the version in service {1000 * theirs:.1f} ms, of {len(its)}"
            )
    return None


def _median(costs: Iterable[float]) -> float:
    # The library's brings fractions and decimals, 10 ms of every worker's start.
    ordered = sorted(costs)
    return ordered[len(ordered) // 2]


def _share(numbers: Numbers) -> str:
    return f"{numbers.failed} of {numbers.answered + numbers.failed}"
