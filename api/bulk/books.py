"""What is written down of bulk jobs: read, and written so that whoever comes second changes nothing."""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from api.bulk.kept import (
    BulkJob,
    Row,
    Summary,
    fed_key,
    job_key,
    parts_prefix,
    piece_key,
    prefix,
    refusals_key,
    summary_key,
)
from api.bulk.manifest import pieces, read, refusals
from wire.bulk import BULK_ID, Ending, Verdict, verdict_key
from wire.errors import JobNotFound, QueueUnavailable
from wire.store import Store

REMEMBERED = 256  # bulk jobs, a kilobyte each
AT_ONCE = 8  # calls to the store
R = TypeVar("R")
LINES = "application/x-ndjson"


class Books:
    """Bulk jobs in the store. Every call raises QueueUnavailable where it cannot be reached."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: OrderedDict[str, BulkJob] = OrderedDict()

    async def write(self, job: BulkJob, rows: Sequence[Row]) -> BulkJob:
        """A new job, its manifest first; what stands under its id, which may be one that another request
        wrote before, with a manifest of its own."""
        # A tenth of a second for ten thousand rows: not on the event loop.
        refused, written = await asyncio.to_thread(lambda: (refusals(rows), pieces(rows)))
        if refused:
            await self._store.put(refusals_key(job), refused, LINES)
        await self._side_by_side(
            [self._store.put(piece_key(job, at), piece, LINES) for at, piece in enumerate(written)]
        )
        if await self._store.put_new(job_key(job.uuid), job.encode().encode()):
            return job
        there = await self.find(job.uuid)
        if there is None:
            raise QueueUnavailable  # deleted in this moment
        return there

    async def find(self, bulk: str) -> BulkJob | None:
        """The job, None where there is none (any more)."""
        job = self._jobs.get(bulk)
        if job is None:
            data = await self._store.get(job_key(bulk)) if BULK_ID.fullmatch(bulk) else None
            if data is None:
                return None
            job = self._jobs[bulk] = BulkJob.decode(data)
            if len(self._jobs) > REMEMBERED:
                self._jobs.popitem(last=False)
        return job

    async def known(self, bulk: str, client: str) -> tuple[BulkJob, Verdict | None]:
        """A client's job, and how it ended if it has.

        Raises:
            JobNotFound: there is none, it was deleted, or it is another client's.
        """
        job, verdict = await asyncio.gather(self.find(bulk), self.verdict(bulk))
        if job is None or job.client != client:
            raise JobNotFound
        if verdict is not None and verdict.state == "deleted":
            raise JobNotFound
        return job, verdict

    async def rows(self, job: BulkJob, piece: int) -> list[Row]:
        """A piece of its manifest."""
        data = await self._store.get(piece_key(job, piece))
        return [] if data is None else read(data)

    async def is_fed(self, bulk: str, piece: int) -> bool:
        """Whether all of a piece is in the queue, or was."""
        return await self._store.get(fed_key(bulk, piece)) is not None

    async def fed(self, bulk: str, piece: int) -> None:
        """All of it is."""
        await self._store.put(fed_key(bulk, piece), b"{}")

    async def parts(self, job: BulkJob) -> list[bytes]:
        """All parts there are."""
        keys = await self._store.keys(parts_prefix(job.uuid), 2 * job.rows + 1000)
        if job.refused:
            keys.append(refusals_key(job))
        found = await self._side_by_side([self._store.get(key) for key in keys])
        return [part for part in found if part is not None]

    async def verdict(self, bulk: str) -> Verdict | None:
        """How it ended, None while it has not."""
        data = await self._store.get(verdict_key(bulk)) if BULK_ID.fullmatch(bulk) else None
        return None if data is None else Verdict.decode(data)

    async def decide(self, bulk: str, state: Ending) -> Verdict:
        """Say how it ended; what stands, which may be what another said before."""
        verdict = Verdict(state=state)
        if await self._store.put_new(verdict_key(bulk), verdict.encode().encode()):
            return verdict
        there = await self.verdict(bulk)
        if there is None:
            raise QueueUnavailable
        return there

    async def summary(self, bulk: str) -> Summary | None:
        """What is in its results, None while there are none."""
        data = await self._store.get(summary_key(bulk))
        return None if data is None else Summary.decode(data)

    async def conclude(self, bulk: str, summary: Summary) -> bool:
        """The results are there; whether these are the ones that count."""
        return await self._store.put_new(summary_key(bulk), summary.encode().encode())

    async def strike(self, bulk: str) -> None:
        """From now on it is not found, and no more of its rows are worked."""
        text = Verdict(state="deleted").encode()
        await self._store.put(verdict_key(bulk), text.encode())
        self._jobs.pop(bulk, None)

    async def erase(self, bulk: str) -> bool:
        """Remove all that is kept but for the word that it was deleted, which keeps its rows from work;
        whether there was anything."""
        self._jobs.pop(bulk, None)
        kept = verdict_key(bulk)
        keys = await self._store.keys(prefix(bulk), 1_000_000)
        found = [key for key in keys if key != kept]
        await self._side_by_side([self._store.delete(key) for key in found])
        return bool(found)

    async def _side_by_side(self, calls: Sequence[Coroutine[Any, Any, R]]) -> list[R]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(call: Coroutine[Any, Any, R]) -> R:
            async with places:
                return await call

        return await asyncio.gather(*(one(call) for call in calls))
