"""Deleted bulk jobs: what is kept of them goes, and what still comes after that goes too.

The chore is left before the job is said to be deleted, so that a replica that dies in between forgets
nothing. Rows that are in the queue or in workers' hands are answered yet, and a finisher may be writing: so
it looks again, ever more seldom, until the deadline has passed and nothing was found.
"""

import time
from collections.abc import Callable

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.errands import Erase
from api.bulk.open import Unfinished
from api.bulk.pauses import until_next
from api.chores.consumer import Later
from api.jobs.states import GRACE
from wire.messages import Chore
from wire.queues import Received

SOON = 1.0  # seconds until the word should be there, the first time
SLOWEST = 600.0  # seconds after which it will not come any more


class Eraser:
    """Does `bulk-erase`.

    Args:
        now: seconds since the epoch.
    """

    def __init__(
        self,
        books: Books,
        counts: Counts,
        unfinished: Unfinished,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._books = books
        self._counts = counts
        self._unfinished = unfinished
        self._now = now

    async def erase(self, chore: Chore, received: Received) -> None:
        """Remove all that there is.

        Raises:
            Later: the job is not said to be deleted yet, or something may still come.
        """
        asked = chore.read(Erase)
        verdict = await self._books.verdict(asked.bulk)
        if verdict is None or verdict.state != "deleted":
            if received.age > SLOWEST:
                return  # whoever was to say it has died, and his client knows of nothing
            raise Later(SOON * 2.0 ** min(received.receive_count - 1, 10))
        job = await self._books.find(asked.bulk)
        if job is not None:
            await self._unfinished.leave(job)
        self._counts.forget(asked.bulk)
        if await self._books.erase(asked.bulk) or self._now() <= asked.until + GRACE:
            raise Later(until_next(received.receive_count))
