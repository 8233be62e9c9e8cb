"""Arrivals with real ups and downs: quiet and busy spells of random lengths, Poisson within each. Pure."""

import random
from collections.abc import Sequence
from pathlib import Path

QUIET, BUSY = (0.2, 1.0), (2.5, 6.0)  # arrivals a second, least and most
SPELL = (12.0, 45.0)  # seconds, least and most


def arrivals(seconds: float, seed: int) -> list[float]:
    """Seconds of arrival, ascending, the first one at 0; the same for the same seed."""
    chance = random.Random(seed)
    found, at, end, busy, rate = [0.0], 0.0, 0.0, True, 1.0
    while True:
        at += chance.expovariate(rate)
        while at >= end:
            # An exponential wait has no memory: what reaches over the end is drawn anew from there.
            at, busy = end, not busy
            end += chance.uniform(*SPELL)
            rate = chance.uniform(*(BUSY if busy else QUIET))
            at += chance.expovariate(rate)
        if at >= seconds:
            return found
        found.append(at)


def write(path: Path, times: Sequence[float]) -> None:
    """A file that `classifycloud simulate --trace` reads."""
    path.write_text("".join(f"{time:.4f}\n" for time in times))
