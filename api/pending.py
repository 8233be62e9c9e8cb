"""The requests that wait in this replica for their answers: one bounded table.

Several may wait for one job's.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wire.errors import Overloaded, RateLimited, ShuttingDown
from wire.messages import Answer, Job

GOING = "This replica is shutting down; send the request again."
TOO_MANY = "Too many of this client's requests wait for their answers."


@dataclass(slots=True, eq=False)
class Waiting:
    """One request that waits, of a client by whose `group` its job is sent.

    `since` is in monotonic seconds, `begun` the same of the job, which another may have asked for first;
    `job` is None until it is sent.
    """

    uuid: str
    image_url: str
    since: float
    answer: asyncio.Future[Answer]
    group: str | None
    begun: float
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
        self._table: dict[Waiting, None] = {}  # in the order in which they came
        self._jobs: dict[str, list[Waiting]] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self.closed = False
        self.served = 0
        self.failed = 0

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, uuid: str) -> bool:
        return uuid in self._jobs

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
        """Keep a place in the table for as long as the block runs, beside those who wait for the same job;
        raises as `admit` does."""
        self.admit(group)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        now, beside = self._clock(), self._jobs.setdefault(uuid, [])
        waiting = Waiting(uuid, image_url, now, answer, group, now)
        if beside:
            waiting.begun, waiting.job = beside[0].begun, beside[0].job
        beside.append(waiting)
        self._table[waiting] = None
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
        """Hand the answer to its requests; False when none waits for it."""
        waiting = [each for each in self.of(answer.uuid) if not each.answer.done()]
        for each in waiting:
            each.answer.set_result(answer)
        if answer.error is None:
            self.served += len(waiting)
        else:
            self.failed += len(waiting)
        return bool(waiting)

    def leave(self, waiting: Waiting) -> bool:
        """Give the place up; False when it was given up before."""
        if waiting not in self._table:
            return False
        del self._table[waiting]
        beside = self._jobs[waiting.uuid]
        beside.remove(waiting)
        if not beside:
            del self._jobs[waiting.uuid]
        self._uncount(waiting.group or "")
        if not self._table:
            self._empty.set()
        return True

    def leave_unanswered(self, waiting: Waiting) -> bool:
        """The same for one that is told so."""
        left = self.leave(waiting)
        self.failed += left
        return left

    def all(self) -> list[Waiting]:
        """Those who wait, the longest first."""
        return list(self._table)

    def of(self, uuid: str) -> Sequence[Waiting]:
        """Those who wait for this job's answer."""
        return self._jobs.get(uuid, ())

    def unanswered(self, seconds: float) -> int:
        """How many jobs of the last so many seconds are sent and wait, each counted once."""
        since, jobs = self._clock() - seconds, set()
        for each in reversed(self._table):
            if each.since < since:
                break
            if each.begun >= since and each.job is not None and not each.answer.done():
                jobs.add(each.uuid)
        return len(jobs)

    def oldest(self) -> float | None:
        """Seconds that the first has waited; None when nobody waits."""
        first = next(iter(self._table), None)
        return None if first is None else self.waited(first)

    def now(self) -> float:
        """The time by which they wait, in monotonic seconds."""
        return self._clock()

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
