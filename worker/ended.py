"""Rows of bulk jobs that have ended: canceled, expired or deleted, they are answered unworked.

That is said in one small object a bulk job. A worker looks at it seldom, once for all the rows that it
has of that job meanwhile, and what it finds stands for good.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from wire.bulk import Verdict, row_of, verdict_key
from wire.errors import JobCanceled, JobExpired
from wire.messages import ErrorBody
from wire.store import Store

SECONDS = 5.0  # for which a job that had not ended is taken not to have
REMEMBERED = 256  # bulk jobs


@dataclass(slots=True)
class _Known:
    looked: float = float("-inf")
    error: ErrorBody | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Ended:
    """Remembers of bulk jobs whether they have ended.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def error(self, uuid: str) -> ErrorBody | None:
        """What a row is answered whose bulk job has ended; None where it may be worked, or is no row.

        Raises:
            QueueUnavailable: the store cannot be reached.
        """
        found = row_of(uuid)
        if found is None:
            return None
        bulk, _ = found
        known = self._known.setdefault(bulk, _Known())
        self._known.move_to_end(bulk)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        async with known.turn:
            if known.error is None and self._clock() - known.looked >= SECONDS:
                known.error = await self._look(bulk)
                known.looked = self._clock()
        return known.error

    async def _look(self, bulk: str) -> ErrorBody | None:
        data = await self._store.get(verdict_key(bulk))
        if data is None:
            return None
        # A row that comes when all are answered is a second copy: one outcome more is no harm.
        expired = Verdict.decode(data).state == "expired"
        return ErrorBody.of(JobExpired() if expired else JobCanceled())
