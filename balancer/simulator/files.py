"""Arrivals from a file: one a line, in seconds; the first column where there are several."""

from math import isfinite
from pathlib import Path

import numpy as np

from balancer.simulator.traces import Times, Trace, of


class TraceUnusable(ValueError):
    """A trace cannot be had; the text says why and what to do."""


def from_file(path: Path) -> Trace:
    """The trace in a CSV file, with or without a heading, sorted here; second 0 is the first arrival.

    Raises:
        TraceUnusable: the file cannot be read, has no arrivals, or a line is no number.
    """
    times = read_times(path)
    if not len(times):
        raise TraceUnusable(f"{path}: there are no arrivals in it")
    return of(path.stem, times - times.min())


def read_times(path: Path) -> Times:
    """The first column, in the order of the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise TraceUnusable(f"{path} cannot be read: {reason}") from error
    lines = (line.split(",", 1)[0].strip() for line in text.splitlines())
    cells = [(number, cell) for number, cell in enumerate(lines, 1) if cell]
    if cells and not _is_number(cells[0][1]):
        del cells[0]
    wrong = next(((n, cell) for n, cell in cells if not _is_number(cell)), None)
    if wrong:
        raise TraceUnusable(f"{path}, line {wrong[0]}: {wrong[1]!r} is no number of seconds")
    return np.array([float(cell) for _, cell in cells])


def _is_number(cell: str) -> bool:
    try:
        return isfinite(float(cell))
    except ValueError:
        return False
