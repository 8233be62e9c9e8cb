"""Arrivals: what a simulation is fed with, in chunks, so that a week of them needs no memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trace:
    """Seconds of arrivals from 0 on, float64, sorted within and across the chunks.

    `duration` is in seconds; `open` starts the chunks anew.
    """

    name: str
    duration: float
    open: Callable[[], Iterator[Times]]

    def chunks(self) -> Iterator[Times]:
        return self.open()


def of(name: str, times: Times, duration: float | None = None) -> Trace:
    """A trace of given arrivals in seconds, in any order."""
    ordered = np.sort(np.asarray(times, dtype=np.float64))
    length = duration if duration is not None else float(ordered[-1]) if len(ordered) else 0.0
    return Trace(name, length, lambda: iter((ordered,)))


def sped_up(trace: Trace, factor: float) -> Trace:
    """The same arrivals, so many times as fast."""

    def chunks() -> Iterator[Times]:
        return (chunk / factor for chunk in trace.chunks())

    return Trace(trace.name, trace.duration / factor, chunks)


def window(trace: Trace, start: float, end: float) -> Trace:
    """The arrivals from `start` to before `end`, counted from `start`."""

    def chunks() -> Iterator[Times]:
        for chunk in trace.chunks():
            low, high = np.searchsorted(chunk, (start, end))
            yield chunk[low:high] - start

    return Trace(trace.name, min(end, trace.duration) - start, chunks)


def repeated(trace: Trace, times: int) -> Trace:
    """The same arrivals so many times after each other."""

    def chunks() -> Iterator[Times]:
        for turn in range(times):
            for chunk in trace.chunks():
                yield chunk + turn * trace.duration

    return Trace(trace.name, trace.duration * times, chunks)
