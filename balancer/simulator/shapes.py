"""Generated traffic: a shape over time, and arrivals drawn by it.

Arrivals in a bin of DT seconds are Poisson with the bin's mean, uniform within it.
"""

from collections.abc import Callable, Iterator

import numpy as np

from balancer.simulator.traces import Times, Trace

Shape = Callable[[Times], Times]  # share of the duration passed -> relative rate
DT = 0.5
DAY = 86400.0
BINS = 7200


def poisson(_: Times) -> Times:
    """The same all the time."""
    return np.ones_like(_)


def diurnal(share: Times) -> Times:
    """A day: a tenth of the peak at night."""
    return 0.55 - 0.45 * np.cos(2 * np.pi * share)


def flash(share: Times) -> Times:
    """A flash crowd: within a three-hundredth of the time ten times as much, which then ebbs away."""
    since = share - 0.4
    rise = np.clip(since * 300, 0, 1)
    ebb = np.exp(-np.clip(since - 0.05, 0, None) / 0.04)
    return 1 + 9 * rise * ebb


def on_off(share: Times) -> Times:
    """Six times on for a third, off for two thirds."""
    return np.where((share * 6) % 1 < 1 / 3, 1.0, 0.0)


SHAPES: dict[str, Shape] = {
    "poisson": poisson,
    "diurnal": diurnal,
    "flash": flash,
    "on-off": on_off,
}
NAMES = ("steady", *SHAPES)


def steady(rate: float, duration: float) -> Trace:
    """Evenly spaced arrivals."""

    def chunks() -> Iterator[Times]:
        count, step = int(rate * duration), 1 << 16
        for first in range(0, count, step):
            yield (np.arange(first, min(count, first + step), dtype=np.float64) + 0.5) / rate

    return Trace("steady", duration, chunks)


def generated(name: str, rate: float, duration: float, seed: int = 0) -> Trace:
    """A trace of this shape.

    Args:
        rate: arrivals a second, mean over the duration.
        duration: seconds; the shape is stretched to it, or comes again every day or so.

    Raises:
        KeyError: no shape has this name.
    """
    if name == "steady":
        return steady(rate, duration)
    shape, turns = SHAPES[name], max(1, round(duration / DAY))
    mean = float(shape((np.arange(10_000) + 0.5) / 10_000).mean())

    def chunks() -> Iterator[Times]:
        random = np.random.default_rng(seed)
        total = int(np.ceil(duration / DT))
        for first in range(0, total, BINS):
            begin = np.arange(first, min(total, first + BINS)) * DT
            wide = np.minimum(DT, duration - begin)
            share = (begin + wide / 2) / duration * turns % 1
            counts = random.poisson(shape(share) * (rate / mean) * wide)
            times = np.repeat(begin, counts)
            times += random.random(len(times)) * np.repeat(wide, counts)
            times.sort()
            yield times

    return Trace(name, duration, chunks)
