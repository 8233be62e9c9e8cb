"""From values to places in a picture, and which values are written beside it. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on pixels from `first` to `last`; `ticks` are values with their texts."""

    low: float
    high: float
    first: float
    last: float
    ticks: Sequence[tuple[float, str]]

    def at(self, value: float) -> float:
        """The pixel of a value; what is outside lies on the edge."""
        share = (value - self.low) / (self.high - self.low)
        return self.first + (self.last - self.first) * min(1.0, max(0.0, share))


def rising(high: float, first: float, last: float, percent: bool = False) -> Scale:
    """From 0 to the next tick above `high`, about four steps of 1, 2 or 5 times a power of ten."""
    step = _step(max(high, 1e-9) / 4)
    count = max(1, math.ceil(high / step - 1e-9))
    values = [n * step for n in range(count + 1)]
    ticks = [(each, f"{100 * each:.6g} %" if percent else f"{each:.6g}") for each in values]
    return Scale(0.0, values[-1], first, last, ticks)


def counting(last_number: int, first: float, last: float) -> Scale:
    """Whole numbers from 1 to `last_number`, about eight of them written."""
    step = max(1, math.ceil(_step(max(1, last_number) / 8)))
    numbers = [1, *(n for n in range(step, last_number + 1, step) if n > 1)]
    return Scale(1.0, max(2.0, float(last_number)), first, last, [(n, str(n)) for n in numbers])


def _step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= least * (1 - 1e-9))
