"""From values to places in a picture, and which values are written beside it. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on pixels from `first` to `last`; `ticks` are values with their texts."""

    low: float
    high: float
    first: float
    last: float
    ticks: Sequence[tuple[float, str]] = field(default=())

    def at(self, value: float) -> float:
        """The pixel of a value; what is outside lies on the edge."""
        share = (value - self.low) / (self.high - self.low)
        return self.first + (self.last - self.first) * min(1.0, max(0.0, share))


def linear(high: float, first: float, last: float, unit: str = "", parts: int = 4) -> Scale:
    """From 0 to the next tick above `high`, at steps of 1, 2 or 5 times a power of ten; about so many."""
    step = _step(max(high, 1e-9) / parts)
    count = max(1, math.ceil(high / step - 1e-9))
    ticks = [(n * step, f"{n * step:.10g}{unit}") for n in range(count + 1)]
    return Scale(0.0, count * step, first, last, ticks)


def nines(samples: int, first: float, last: float) -> Scale:
    """Percentiles so that each further nine takes the same room; up to what the samples can tell."""
    most = max(1.0, math.log10(max(1, samples)))
    shares = (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
    ticks = [(nine(share), f"{100 * share:.6g} %") for share in shares if nine(share) <= most]
    return Scale(0.0, most, first, last, ticks)


def nine(share: float) -> float:
    """Where a share (0 up to below 1) lies: 0.9 at 1, 0.99 at 2."""
    return -math.log10(1.0 - share)


def _step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= least * (1 - 1e-9))
