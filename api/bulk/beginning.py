"""How a bulk job begins: its place among its client's, what is written of it, its chores.

Whoever begins it may die at any line and be asked again, under the same id. What is written stands: its
rows may be in the queue, so a list that reads otherwise by now is not looked at.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from api.bulk.books import Books
from api.bulk.errands import Errands
from api.bulk.kept import BulkJob, Row
from api.bulk.open import Unfinished
from wire.errors import JobExists, JobNotFound, QueueUnavailable

DELETED = (
    "This bulk job, or the one that tried its failed rows again, was deleted; begin another one."
)


class Beginning:
    """Begins bulk jobs. Every call raises QueueUnavailable or ShuttingDown as what it is made of."""

    def __init__(self, books: Books, errands: Errands, unfinished: Unfinished) -> None:
        self._books = books
        self._errands = errands
        self._unfinished = unfinished

    async def again(self, bulk: str, client: str) -> bool:
        """Whether the job is there already. Whoever wrote it may have come no further: its chores are left
        once more.

        Raises:
            JobExists: it was there, and was deleted.
            JobNotFound: it is another client's.
            RateLimited: as `begin`.
        """
        job, verdict = await asyncio.gather(self._books.find(bulk), self._books.verdict(bulk))
        if verdict is not None and verdict.state == "deleted":
            raise JobExists(DELETED)
        if job is None:
            return False
        if job.client != client:
            raise JobNotFound
        if verdict is None:
            await self._unfinished.enter(job)
            await self._errands.begin(job)
        return True

    async def begin(self, job: BulkJob, rows: Sequence[Row]) -> BulkJob:
        """What stands under its id: this one, or what was sooner.

        Raises:
            RateLimited: as many of the client's are not finished as may be.
        """
        await self._unfinished.enter(job)
        try:
            job = await self._books.write(job, rows)
            await self._errands.begin(job)
        except BaseException:
            # Nobody was told of it. Asked for again, it enters again; left behind, its entry is found untrue.
            with suppress(QueueUnavailable):
                await self._unfinished.leave(job)
            raise
        return job
