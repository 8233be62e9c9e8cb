"""How many jobs of this replica wait for pictures of one host: nobody shall be flooded through us."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from wire.errors import RateLimited
from wire.urls import Target

TOO_MANY = "Too many requests wait for pictures of this host."


class Hosts:
    """Counts by the host's name as it stands in the URL.

    Args:
        most: how many may wait for one; 0 for no limit.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    @contextlib.contextmanager
    def hold(self, target: Target) -> Iterator[None]:
        """Count one job for as long as the block runs. Hosts that are allowed by name are not counted.

        Raises:
            RateLimited: as many as may wait for this host already.
        """
        if not self._most or target.allowed:
            yield
            return
        if self._waiting[target.host] >= self._most:
            raise RateLimited(TOO_MANY)
        self._waiting[target.host] += 1
        try:
            yield
        finally:
            self._waiting[target.host] -= 1
            if not self._waiting[target.host]:
                del self._waiting[target.host]
