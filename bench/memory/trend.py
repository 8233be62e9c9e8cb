"""Whether a series of sizes grows: a line through it by least squares, with its error. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

CERTAIN = 2.0  # standard errors


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` and its standard `error`, both in units of the values an hour."""

    slope: float
    error: float

    def grows(self, tolerated: float) -> bool:
        """Whether the slope is above what is tolerated, and no chance of the samples made it so."""
        return self.slope - CERTAIN * self.error > tolerated


def trend(seconds: Sequence[float], values: Sequence[float]) -> Trend:
    """Ordinary least squares: slope = Sxy / Sxx, error = sqrt(SSR / (n - 2) / Sxx).

    Two points have a slope and no error that could be known: it is infinite then.

    Raises:
        ValueError: fewer than two points, or all at one time, or not as many times as values.
    """
    count = len(values)
    if count != len(seconds) or count < 2 or min(seconds) == max(seconds):
        raise ValueError("a trend needs two points at different times")
    hours = [each / 3600 for each in seconds]
    mean_x, mean_y = math.fsum(hours) / count, math.fsum(values) / count
    sxx = math.fsum((x - mean_x) ** 2 for x in hours)
    sxy = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(hours, values, strict=True))
    slope = sxy / sxx
    if count == 2:
        return Trend(slope, math.inf)
    rest = math.fsum(
        (y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(hours, values, strict=True)
    )
    return Trend(slope, math.sqrt(rest / (count - 2) / sxx))
