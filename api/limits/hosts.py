"""How many jobs of this replica want pictures of one host: nobody shall be flooded through us."""

import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator

from wire.errors import RateLimited
from wire.urls import Target

TOO_MANY = "Too many requests wait for pictures of this host."
MOST = 50_000  # some 15 MB


class Hosts:
    """Counts by the host's name as it stands in the URL.

    A job counts until it is answered, or can be no more, whether its client still waits or not: whoever hangs
    up does not take his job out of the queue.

    Args:
        most: how many may want one host's; 0 for no limit.
        deadline: seconds from now in which a job that was sent may be worked.
        clock: monotonic seconds.
        left: jobs without a client that are counted; beyond that the one left longest ago is not.
    """

    def __init__(
        self,
        most: int,
        deadline: float,
        clock: Callable[[], float] = time.monotonic,
        left: int = MOST,
    ) -> None:
        self._most = most
        self._deadline = deadline
        self._clock = clock
        self._most_left = left
        self._jobs: Counter[str] = Counter()
        self._waiting: dict[str, str] = {}
        # In the order of their ends: until when each counts, and its host.
        self._left: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._jobs)

    @contextlib.contextmanager
    def hold(self, target: Target, uuid: str) -> Iterator["Place"]:
        """Count one job. It counts no more after the block, unless the place is left to it.

        Hosts that are allowed by name are not counted.

        Raises:
            RateLimited: as many as may want this host's pictures already.
        """
        place = Place()
        if not self._most or target.allowed:
            yield place
            return
        self._prune()
        self.answered(uuid)  # sent anew under its id, it is the same job
        if self._jobs[target.host] >= self._most:
            raise RateLimited(TOO_MANY)
        self._jobs[target.host] += 1
        self._waiting[uuid] = target.host
        try:
            yield place
        finally:
            host = self._waiting.pop(uuid, None)
            if host is not None and place.left:
                self._leave(uuid, host)
            elif host is not None:
                self._uncount(host)

    def answered(self, uuid: str) -> None:
        """Nobody fetches this job's picture any more."""
        if uuid in self._waiting:
            self._uncount(self._waiting.pop(uuid))
        elif uuid in self._left:
            self._uncount(self._left.pop(uuid)[1])

    def _leave(self, uuid: str, host: str) -> None:
        self._left[uuid] = (self._clock() + self._deadline, host)
        if len(self._left) > self._most_left:
            self._uncount(self._left.popitem(last=False)[1][1])

    def _prune(self) -> None:
        now = self._clock()
        while self._left and next(iter(self._left.values()))[0] <= now:
            self._uncount(self._left.popitem(last=False)[1][1])

    def _uncount(self, host: str) -> None:
        self._jobs[host] -= 1
        if not self._jobs[host]:
            del self._jobs[host]


class Place:
    """One job's. `leave` it to a job that goes on though nobody waits any more."""

    left = False

    def leave(self) -> None:
        self.left = True
