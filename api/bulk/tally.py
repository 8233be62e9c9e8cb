"""How far a bulk job is, counted from its parts: each row once, however often it is there. Pure."""

import json
from array import array
from typing import NamedTuple

WINDOW = 60  # seconds over which the rate is taken
_MISSING, _FAILED, _SUCCEEDED = 0, 1, 2


class Seen(NamedTuple):
    """What a tally needs of an outcome; `at` in seconds of the queue's clock, 0 for what was never sent."""

    row: int
    ok: bool
    at: float


class Tally:
    """Counts. A row that failed and succeeded, sent twice, has succeeded. In whichever order outcomes come,
    and however often, the tally is the same.

    Args:
        rows: how many there are.
    """

    def __init__(self, rows: int) -> None:
        self._states = bytearray(rows)
        self._times = array("d", bytes(8 * rows))  # of each row's first outcome
        self.succeeded = 0
        self.failed = 0

    @property
    def rows(self) -> int:
        return len(self._states)

    @property
    def done(self) -> int:
        """Rows that have an outcome."""
        return self.succeeded + self.failed

    @property
    def complete(self) -> bool:
        return self.done == self.rows

    def has(self, row: int) -> bool:
        """Whether a row has an outcome."""
        return self._states[row] != _MISSING

    def add(self, seen: Seen) -> None:
        """One outcome; one of a row that there is not is ignored."""
        if not 0 <= seen.row < self.rows:
            return
        before = self._states[seen.row]
        after = max(before, _SUCCEEDED if seen.ok else _FAILED)
        self._states[seen.row] = after
        self.succeeded += (after == _SUCCEEDED) - (before == _SUCCEEDED)
        self.failed += (after == _FAILED) - (before == _FAILED)
        known = self._times[seen.row]
        self._times[seen.row] = min(seen.at, known) if before else seen.at

    def finished(self) -> float | None:
        """When the last outcome came, by the queue's clock; None where nothing was worked."""
        return max(self._times) or None

    def rate(self) -> float | None:
        """Rows a second in the last minute in which any came, by the queue's clock; None while that cannot be
        told."""
        last = max(self._times)
        times = sorted(time for time in self._times if time > max(0.0, last - WINDOW))
        # One that came counts from the one before it: the first only says when.
        span = last - times[0] if times else 0.0
        return round((len(times) - 1) / span, 2) if span >= 1 and len(times) > 1 else None

    def seconds_left(self) -> float | None:
        """Until the last row, should the rate stay as it is."""
        rate = self.rate()
        return None if not rate else round((self.rows - self.done) / rate, 1)


def seen(part: bytes) -> list[Seen]:
    """What a part says. A line that cannot be read says nothing."""
    return [each for line in part.splitlines() if (each := _seen(line)) is not None]


def _seen(line: bytes) -> Seen | None:
    try:
        found = json.loads(line)
        return Seen(int(found["row"]), "error" not in found, float(found["at"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
