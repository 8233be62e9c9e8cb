"""The requests that wait in this replica for their answers: one bounded table."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wire.errors import Overloaded, RateLimited, ShuttingDown
from wire.messages import Answer, Job

GOING = "This replica is shutting down; send the request again."
TOO_MANY = "Too many of this client's requests wait for their answers."


@dataclass(slots=True, eq=False)
class Waiting:
    """One request that waits, of a client by whose `group` its job is sent.

    `since` is in monotonic seconds; `job` is None until it is sent.
    """

    uuid: str
    image_url: str
    since: float
    answer: asyncio.Future[Answer]
    group: str | None
    job: Job | None = None


class Pending:
    """Who waits for what. `served` counts the answers with labels, `failed` all who got something else:
    an error, or no answer in time.

    Args:
        limit: how many may wait at once.
        share: how many of one group, so that nobody takes all places and keeps them; 0 for no limit.
        clock: monotonic seconds.
    """

    def __init__(
        self, limit: int, share: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._share = share
        self._clock = clock
        self._groups: Counter[str] = Counter()
        self._table: dict[str, Waiting] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self.closed = False
        self.served = 0
        self.failed = 0

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, uuid: str) -> bool:
        return uuid in self._table

    def admit(self, group: str | None = None) -> None:
        """Whether one more of this group may wait.

        Raises:
            Overloaded: the table is full.
            RateLimited: as many of the group wait as may.
            ShuttingDown: the replica takes no more requests.
        """
        if self.closed:
            raise ShuttingDown(GOING)
        if len(self._table) >= self._limit:
            raise Overloaded
        if group and 0 < self._share <= self._groups[group]:
            raise RateLimited(TOO_MANY)

    @contextlib.contextmanager
    def hold(self, uuid: str, image_url: str, group: str | None = None) -> Iterator[Waiting]:
        """Keep a place in the table for as long as the block runs; raises as `admit` does."""
        self.admit(group)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = Waiting(uuid, image_url, self._clock(), answer, group)
        self._table[uuid] = waiting
        self._groups[group or ""] += 1
        self._empty.clear()
        try:
            yield waiting
        finally:
            self.leave(waiting)
            # Nobody may ever look at a future whose client left; that is no fault to complain of.
            if not answer.cancel() and not answer.cancelled():
                answer.exception()

    def settle(self, answer: Answer) -> bool:
        """Hand the answer to its request; False when none waits for it."""
        waiting = self._table.get(answer.uuid)
        if waiting is None or waiting.answer.done():
            return False
        waiting.answer.set_result(answer)
        if answer.error is None:
            self.served += 1
        else:
            self.failed += 1
        return True

    def leave(self, waiting: Waiting) -> bool:
        """Give the place up; False when it was given up before."""
        left = self._table.pop(waiting.uuid, None) is not None
        if left:
            self._uncount(waiting.group or "")
        if not self._table:
            self._empty.set()
        return left

    def leave_unanswered(self, waiting: Waiting) -> bool:
        """The same for one that is told so."""
        left = self.leave(waiting)
        self.failed += left
        return left

    def all(self) -> list[Waiting]:
        """Those who wait, the longest first."""
        return list(self._table.values())

    def oldest(self) -> float | None:
        """Seconds that the first has waited; None when nobody waits."""
        first = next(iter(self._table.values()), None)
        return None if first is None else self.waited(first)

    def waited(self, waiting: Waiting) -> float:
        """Seconds since the request began to wait."""
        return self._clock() - waiting.since

    def close(self) -> None:
        """Take no more."""
        self.closed = True

    async def emptied(self) -> None:
        """Return once nobody waits."""
        await self._empty.wait()

    def _uncount(self, group: str) -> None:
        self._groups[group] -= 1
        if not self._groups[group]:
            del self._groups[group]
