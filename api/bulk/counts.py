"""How far bulk jobs are, out of the store alone, so that every replica says the same.

Parts never change: each is read once, and its tally remembered. What is in memory only saves reading.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from api.bulk.kept import MOST, BulkJob, parts_prefix, refusals_key
from api.bulk.tally import Tally, seen
from wire.store import Store

REMEMBERED = 64  # bulk jobs; a tally of 10 000 rows takes 90 kB
AT_ONCE = 8  # parts that are read at the same time
FRESH = 1.0  # seconds for which a tally serves another that asks how far it is


@dataclass(slots=True)
class _Entry:
    tally: Tally
    read: set[str] = field(default_factory=set)
    looked: float = float("-inf")
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Counts:
    """Tallies.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    async def tally(self, job: BulkJob, fresh: float = FRESH) -> Tally:
        """The tally of a bulk job, at most `fresh` seconds old.

        Raises:
            QueueUnavailable: the store cannot be reached.
        """
        entry = self._entry(job)
        async with entry.turn:
            if self._clock() - entry.looked > fresh:
                began = self._clock()
                await self._look(job, entry)
                entry.looked = began
        return entry.tally

    def note(self, bulk: str, key: str, part: bytes) -> None:
        """A part that this replica has just stored: it need not be read."""
        entry = self._entries.get(bulk)
        if entry is not None:
            _add(entry, key, part)

    def forget(self, bulk: str) -> None:
        """It is done, or gone."""
        self._entries.pop(bulk, None)

    def _entry(self, job: BulkJob) -> _Entry:
        entry = self._entries.setdefault(job.uuid, _Entry(Tally(job.rows)))
        self._entries.move_to_end(job.uuid)
        while len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)
        return entry

    async def _look(self, job: BulkJob, entry: _Entry) -> None:
        # As many as rows: parts may hold as little as one line.
        keys = await self._store.keys(parts_prefix(job.uuid), 2 * MOST)
        if job.refused:
            keys.append(refusals_key(job))
        new = [key for key in keys if key not in entry.read]
        places = asyncio.Semaphore(AT_ONCE)

        async def read(key: str) -> None:
            async with places:
                part = await self._store.get(key)
            if part is not None:
                _add(entry, key, part)

        await asyncio.gather(*(read(key) for key in new))


def _add(entry: _Entry, key: str, part: bytes) -> None:
    if key in entry.read:
        return
    entry.read.add(key)
    for each in seen(part):
        entry.tally.add(each)
