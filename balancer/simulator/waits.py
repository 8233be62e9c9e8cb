"""Waiting times of any number of pictures: counted in bins a two-thousandth wide."""

import numpy as np
from numpy.typing import NDArray

from balancer.simulator.traces import Times

LEAST = 1e-3  # seconds; what is below is counted as no wait
WIDTH = 5e-4
_SCALE = 1 / np.log1p(WIDTH)
BINS = 60_000  # up to 1e-3 * 1.0005**60000 s, about 300 years
BUFFER = 1 << 16


class Waits:
    """Quantiles within 0.05 %; mean, greatest and misses exact.

    Of the pictures sent at second `since` or later; others are told of and not counted.
    """

    def __init__(self, deadline: float, since: float = 0.0) -> None:
        self._deadline = deadline
        self._since = since
        self._bins = np.zeros(BINS, dtype=np.int64)
        self._buffer: Times = np.empty(BUFFER)
        self._filled = 0
        self.count = 0
        self.total = 0.0
        self.longest = 0.0
        self.misses = 0
        self._lately = 0.0

    def lately(self) -> float:
        """The longest wait that was added since this was last asked."""
        longest, self._lately = self._lately, 0.0
        return longest

    def add(self, begun: Times, sent: Times, seconds: float) -> None:
        """Count pictures begun and sent at these seconds, shape (n,) each, that took `seconds` of work."""
        waits = begun - sent
        if self._since:
            waits = waits[sent >= self._since]
        self.count += len(waits)
        self.total += float(waits.sum())
        longest = float(waits.max(initial=0.0))
        self.longest = max(self.longest, longest)
        self._lately = max(self._lately, longest)
        if longest + seconds > self._deadline:
            self.misses += int(np.count_nonzero(waits + seconds > self._deadline))
        for first in range(0, len(waits), BUFFER):
            part = waits[first : first + BUFFER]
            if self._filled + len(part) > BUFFER:
                self._count()
            self._buffer[self._filled : self._filled + len(part)] = part
            self._filled += len(part)

    def retract(self, begun: float, sent: float, seconds: float) -> None:
        """One that was given to `add` begins anew."""
        if sent < self._since:
            return
        self._count()
        wait = begun - sent
        self._bins[_bins(np.array([wait]))[0]] -= 1
        self.count -= 1
        self.total -= wait
        self.misses -= wait + seconds > self._deadline

    def quantile(self, share: float) -> float:
        """Seconds that this share of the pictures waited at most; 0 when there are none."""
        self._count()
        if not self.count:
            return 0.0
        sums = self._bins.cumsum()
        found = int(sums.searchsorted(max(1, np.ceil(share * self.count))))
        # The middle of the bin in logarithm.
        return 0.0 if found == 0 else min(self.longest, LEAST * float((1 + WIDTH) ** (found - 0.5)))

    def _count(self) -> None:
        filled = self._buffer[: self._filled]
        self._bins += np.bincount(_bins(filled), minlength=BINS)
        self._filled = 0


def _bins(waits: Times) -> NDArray[np.int64]:
    found = np.log(np.maximum(waits, LEAST) * (1 / LEAST)) * _SCALE
    bins: NDArray[np.int64] = np.minimum(np.ceil(found).astype(np.int64), BINS - 1)
    return bins
