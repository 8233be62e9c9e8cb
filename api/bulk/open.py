"""Which bulk jobs of a client are not finished: an object each, so that every replica counts the same.

Two that come at the same moment may both find the last place: it is a bound for backlogs, not a price.
A replica that dies may leave an entry behind; whoever finds no place looks whether they are all true.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable

from api.bulk.books import Books
from api.bulk.kept import BulkJob
from api.jobs.states import GRACE
from wire.errors import RateLimited
from wire.store import Store

SLOWEST = 600.0  # seconds from an entry to its job, by far
TOO_MANY = "Too many of this client's bulk jobs are not finished; wait for one, or cancel it."


class Unfinished:
    """Counts them. Every call raises QueueUnavailable where the store cannot be reached.

    Args:
        most: that one client may have; 0 for no limit.
        now: seconds since the epoch.
    """

    def __init__(
        self, store: Store, books: Books, most: int, now: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._books = books
        self._most = most
        self._now = now

    async def enter(self, job: BulkJob) -> None:
        """One more; again, it is the same one.

        Raises:
            RateLimited: there are as many as may be.
        """
        if self._most == 0:
            return
        mine = _key(job)
        there = await self._store.keys(_prefix(job))
        if mine in there:
            return
        if len(there) >= self._most and await self._true(there) >= self._most:
            raise RateLimited(TOO_MANY, retry_after=30)
        await self._store.put(mine, b"{}")

    async def leave(self, job: BulkJob) -> None:
        """It has ended."""
        if self._most:
            await self._store.delete(_key(job))

    async def _true(self, keys: list[str]) -> int:
        """How many of these entries are of jobs that are not finished; the others are removed."""
        true = await asyncio.gather(*(self._is_true(key) for key in keys))
        for key, stays in zip(keys, true, strict=True):
            if not stays:
                await self._store.delete(key)
        return sum(true)

    async def _is_true(self, key: str) -> bool:
        bulk = key.rpartition("/")[2]
        if await self._books.verdict(bulk) is not None:
            return False
        job = await self._books.find(bulk)
        if job is not None:
            return self._now() <= job.until + GRACE
        entry = await self._store.read(key)
        return entry is not None and entry.age < SLOWEST


def _prefix(job: BulkJob) -> str:
    whose = f"{job.client}\n{'' if job.client else job.group}"
    return f"bulk/open/{hashlib.sha256(whose.encode()).hexdigest()[:32]}/"


def _key(job: BulkJob) -> str:
    return f"{_prefix(job)}{job.uuid}"
