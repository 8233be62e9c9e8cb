"""Feeding: a piece of the manifest into the queue of requests.

A replica that dies midway leaves the chore to another, which feeds the piece again. Rows that are sent
twice have the same id, and one outcome counts.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.errands import Feed
from api.bulk.kept import BulkJob, Row
from api.connection import Connection
from wire import log, tracing
from wire.bulk import row_id
from wire.messages import Chore, Job
from wire.queues import Queue, Received

PATIENCE = 5.0  # seconds that queues may take to open
# Rows on their way at once, of all pieces that a replica feeds: half of the calls that a queue has open
# at once (`wire.gather`). The other half is for what somebody waits for, which does not stand behind rows.
SLICE = 40
_log = log.get(__name__)

Sent = Callable[[int], None]
"""Told how many jobs SQS has taken."""


class Feeder:
    """Does `bulk-feed`."""

    def __init__(self, books: Books, counts: Counts, connection: Connection, sent: Sent) -> None:
        self._books = books
        self._counts = counts
        self._connection = connection
        self._sent = sent
        self._turn = asyncio.Lock()

    async def feed(self, chore: Chore, received: Received) -> None:
        """Send what is to be sent of the piece; nothing of a job that has ended."""
        asked = chore.read(Feed)
        job = await self._books.find(asked.bulk)
        if job is None or await self._books.verdict(job.uuid) is not None:
            return
        if await self._books.is_fed(job.uuid, asked.piece):
            return
        rows = [row for row in await self._books.rows(job, asked.piece) if row.refused is None]
        if received.receive_count > 1:  # some may have been sent, and answered since
            tally = await self._counts.tally(job)
            rows = [row for row in rows if not tally.has(row.row)]
        await self._send(job, rows)
        await self._books.fed(job.uuid, asked.piece)

    async def _send(self, job: BulkJob, rows: list[Row]) -> None:
        lines = await self._connection.lines(PATIENCE)
        for at in range(0, len(rows), SLICE):
            async with self._turn:  # a small job's piece comes between the many of a large one
                these = rows[at : at + SLICE]
                await _all_sent(lines.shared.requests, job, these)
            self._sent(len(these))


async def _all_sent(requests: Queue, job: BulkJob, rows: list[Row]) -> None:
    step = sampled(job.rows, tracing.share()) if tracing.context() is not None else 0
    traced = [row for row in rows if step and row.row % step == 0]
    others = [row for row in rows if not step or row.row % step]
    bodies = [_job(job, row).encode() for row in others]
    # These are no part of the trace that this chore is in.
    rest = asyncio.create_task(requests.send_many(bodies, job.group), context=Context())
    await asyncio.gather(rest, *(_traced(requests, job, row) for row in traced))


async def _traced(requests: Queue, job: BulkJob, row: Row) -> None:
    one = _job(job, row)
    with tracing.span("submit", job=one.uuid):
        await requests.send(one.encode(), job.group)
    _log.routine("job sent", job=one.uuid)


def _job(job: BulkJob, row: Row) -> Job:
    return job.job(row, row_id(job.uuid, row.row))


def sampled(rows: int, share: float) -> int:
    """Every how manieth row of a bulk job that is traced is so too, where this share of all is to be: a job
    of few rows is traced seldom, and has one then."""
    return max(1, round(1 / max(share, 1 / rows)))
