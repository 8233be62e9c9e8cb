"""When requests are due, in seconds after the beginning, ascending. Pure."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phase:
    """So many requests a second for so many seconds."""

    rate: float
    seconds: float


def spiked(base: Phase, spike: Phase) -> list[Phase]:
    """The base with the spike in its middle.

    Raises:
        ValueError: the spike is not shorter than the base.
    """
    if spike.seconds >= base.seconds:
        raise ValueError("a spike must be shorter than the run")
    side = Phase(base.rate, (base.seconds - spike.seconds) / 2)
    return [side, spike, side]


def count(phases: Sequence[Phase]) -> int:
    """How many requests `even` makes of it."""
    return sum(round(phase.rate * phase.seconds) for phase in phases)


def even(phases: Sequence[Phase]) -> Iterator[float]:
    """Evenly spaced within each phase, the first at its beginning."""
    began = 0.0
    for phase in phases:
        for number in range(round(phase.rate * phase.seconds)):
            yield began + number / phase.rate
        began += phase.seconds


def by_chance(phases: Sequence[Phase], seed: int) -> Iterator[float]:
    """As independent people come: a Poisson process of each phase's rate; as many as chance brings."""
    chance, began = random.Random(seed), 0.0
    for phase in phases:
        due = began + chance.expovariate(phase.rate)
        began += phase.seconds
        while due < began:
            yield due
            due += chance.expovariate(phase.rate)


def replayed(seconds: Sequence[float], speed: float, limit: int | None) -> list[float]:
    """A trace from its first arrival on, so many times as fast, its first `limit` arrivals."""
    ordered = sorted(seconds)[:limit]
    return [(each - ordered[0]) / speed for each in ordered]
