"""The end of a bulk job: its results are written, then it has ended.

A replica that dies midway leaves the chore to another. What each of two writes may differ, as rows come in
the meantime: each writes its own, and the first that is done counts.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.errands import OfBulk
from api.bulk.kept import BulkJob, Format, Row, Summary, results_key
from api.bulk.open import Unfinished
from api.bulk.pauses import until_next
from api.bulk.results import Best, lines, merge
from api.bulk.tally import Tally
from api.chores.consumer import Later
from api.jobs.states import GRACE
from wire import log
from wire.bulk import Ending, Verdict
from wire.errors import JobCanceled, JobExpired
from wire.messages import Chore, ErrorBody
from wire.queues import Received
from wire.store import Store

KINDS: dict[Format, str] = {
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_log = log.get(__name__)

Table = Callable[[bytes], Awaitable[bytes | None]]
"""From lines of results to a Parquet file, None where there can be none."""

Ended = Callable[[BulkJob], Awaitable[None]]
"""Told of a job that has ended, at least once."""


class Finisher:
    """Does `bulk-finish`.

    Args:
        table: makes Parquet.
        ended: told of each job that has ended.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        books: Books,
        counts: Counts,
        unfinished: Unfinished,
        table: Table,
        ended: Ended,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._books = books
        self._counts = counts
        self._unfinished = unfinished
        self._table = table
        self._ended = ended
        self._now = now
        # Its rows are in memory while one is written.
        self._turn = asyncio.Lock()

    async def finish(self, chore: Chore, received: Received) -> None:
        """Write the results of a job that has ended, or whose last row has come.

        Raises:
            Later: some are still to come.
        """
        job = await self._books.find(chore.read(OfBulk).bulk)
        verdict = None if job is None else await self._books.verdict(job.uuid)
        if job is None or (verdict is not None and verdict.state == "deleted"):
            return
        if await self._books.summary(job.uuid) is None:
            tally = await self._counts.tally(job, 0)
            if verdict is None and not tally.complete:
                verdict = await self._expire(job, received)
            async with self._turn:
                if await self._books.summary(job.uuid) is None:
                    await self._write(job, tally, verdict)
        if verdict is None:
            await self._books.decide(job.uuid, await self._ending(job))
        await self._unfinished.leave(job)
        await self._ended(job)

    async def _expire(self, job: BulkJob, received: Received) -> Verdict:
        if self._now() <= job.until + GRACE:
            raise Later(until_next(received.receive_count))
        return await self._books.decide(job.uuid, "expired")

    async def _ending(self, job: BulkJob) -> Ending:
        summary = await self._books.summary(job.uuid)
        return "failed" if summary is not None and not summary.succeeded else "succeeded"

    async def _write(self, job: BulkJob, tally: Tally, verdict: Verdict | None) -> None:
        began, writing = time.monotonic(), secrets.token_hex(8)
        text, succeeded = await gathered(self._books, job, _missing(verdict))
        made: dict[Format, bytes | None] = {"jsonl": text, "parquet": await self._table(text)}
        sizes: dict[Format, int] = {}
        for form, data in made.items():
            if data is not None:
                await self._store.put(results_key(job.uuid, writing, form), data, KINDS[form])
                sizes[form] = len(data)
        summary = Summary(
            writing=writing,
            rows=job.rows,
            succeeded=succeeded,
            failed=job.rows - succeeded,
            finished=tally.finished(),
            sizes=sizes,
        )
        if not await self._books.conclude(job.uuid, summary):
            for form in sizes:
                await self._store.delete(results_key(job.uuid, writing, form))
            return
        took = round(time.monotonic() - began, 3)
        _log.info("a bulk job's results are written", job=job.uuid, rows=job.rows, seconds=took)


async def gathered(books: Books, job: BulkJob, missing: ErrorBody | None) -> tuple[bytes, int]:
    """The results as lines, out of manifest and parts, and how many succeeded. A row without an outcome has
    this error, or is left out."""
    parts = await books.parts(job)
    manifest = [row for piece in range(job.pieces) for row in await books.rows(job, piece)]
    # A third of a second for ten thousand rows: not on the event loop.
    return await asyncio.to_thread(_joined, manifest, parts, missing)


def _joined(
    manifest: list[Row], parts: list[bytes], missing: ErrorBody | None
) -> tuple[bytes, int]:
    best: dict[int, Best] = {}
    for part in parts:
        merge(best, part)
    succeeded = sum(row.row in best and not best[row.row][0] for row in manifest)
    return b"".join(lines(manifest, best, missing)), succeeded


def _missing(verdict: Verdict | None) -> ErrorBody | None:
    if verdict is None:
        return None
    return ErrorBody.of(JobExpired() if verdict.state == "expired" else JobCanceled())
