"""How many jobs of this replica want pictures of one host: nobody shall be flooded through us."""

import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wire.errors import RateLimited
from wire.urls import Target

TOO_MANY = "Too many requests wait for pictures of this host."
MOST = 50_000  # some 15 MB


class Hosts:
    """Counts by the host's name as it stands in the URL.

    A job counts once, however many wait for it, until it is answered, or can be no more, whether a client
    still waits or not: whoever hangs up, or is refused, does not take a job out of the queue.

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
        self._waiting: dict[str, Place] = {}
        # In the order of their ends: until when each counts, and its host.
        self._left: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._jobs)

    @contextlib.contextmanager
    def hold(self, target: Target, uuid: str) -> Iterator["Place"]:
        """Count one job, beside those who hold it already. It counts no more after the last one's block,
        unless the place is left to it.

        Hosts that are allowed by name are not counted.

        Raises:
            RateLimited: as many as may want this host's pictures already.
        """
        if not self._most or target.allowed:
            yield Place(target.host)
            return
        self._prune()
        place = self._waiting.get(uuid) or self._enter(target.host, uuid)
        place.holders += 1
        try:
            yield place
        finally:
            place.holders -= 1
            if not place.holders and self._waiting.get(uuid) is place:
                del self._waiting[uuid]
                self._give_up(place, uuid)

    def answered(self, uuid: str) -> None:
        """Nobody fetches this job's picture any more."""
        if uuid in self._waiting:
            self._uncount(self._waiting.pop(uuid).host)
        elif uuid in self._left:
            self._uncount(self._left.pop(uuid)[1])

    def _enter(self, host: str, uuid: str) -> "Place":
        if uuid in self._left:
            # Sent anew under its id, it is the same job, and in the queue whatever becomes of this.
            place = Place(self._left.pop(uuid)[1], left=True)
        elif self._jobs[host] >= self._most:
            raise RateLimited(TOO_MANY)
        else:
            place = Place(host)
            self._jobs[host] += 1
        self._waiting[uuid] = place
        return place

    def _give_up(self, place: "Place", uuid: str) -> None:
        if not place.left:
            self._uncount(place.host)
            return
        self._left[uuid] = (self._clock() + self._deadline, place.host)
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


@dataclass(slots=True, eq=False)
class Place:
    """One job's, for `holders`. `leave` it to a job that goes on though nobody waits any more."""

    host: str
    holders: int = 0
    left: bool = False

    def leave(self) -> None:
        self.left = True
