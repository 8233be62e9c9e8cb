"""Places, for pictures in memory or for streams: a number of them, of which one caller gets a part only."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from wire.errors import Overloaded, RateLimited

PICTURES = "Too many pictures are being sent at once."


class Places:
    """Counts who holds how many.

    Args:
        limit: places in all.
        share: places that one group may hold, so that nobody takes them all and keeps them.
        refusal: what one is told who holds that many.
    """

    def __init__(self, limit: int, share: int, refusal: str = PICTURES) -> None:
        self._refusal = refusal
        self._limit = limit
        self._share = share
        self._held: Counter[str] = Counter()

    @contextlib.contextmanager
    def take(self, group: str | None) -> Iterator[None]:
        """Hold a place for as long as the block runs.

        Raises:
            Overloaded: all are taken.
            RateLimited: the group holds its share already.
        """
        name = group or ""
        if self._held.total() >= self._limit:
            raise Overloaded
        if name and self._held[name] >= self._share:
            raise RateLimited(self._refusal)
        self._held[name] += 1
        try:
            yield
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]
