"""The chores of bulk jobs: what each says, and who leaves them for whichever replica takes them."""

import asyncio
from collections.abc import Iterable

from api.bulk.kept import BulkJob
from api.chores.desk import Desk
from wire import tracing
from wire.messages import Chore, Part

FEED, FINISH, ERASE = "bulk-feed", "bulk-finish", "bulk-erase"


class Feed(Part):
    """Put the rows of one piece of the manifest into the queue."""

    bulk: str
    piece: int


class OfBulk(Part):
    """Payload of a chore that is about the whole job."""

    bulk: str


class Erase(Part):
    """Remove what is kept of a bulk job, once it is said to be deleted; and what still comes of it until
    then, in seconds since the epoch."""

    bulk: str
    until: float


class Errands:
    """Leaves chores. Every call raises QueueUnavailable or ShuttingDown as the desk does."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, job: BulkJob) -> None:
        """All that a new job needs. Its end last: it has all the time."""
        feeds = (Chore.of(FEED, Feed(bulk=job.uuid, piece=at)) for at in range(job.pieces))
        # One trace for all of it. Its rows are traced as requests are: of many, some always.
        with tracing.begun("bulk job", job.rows * tracing.share(), job=job.uuid, rows=job.rows):
            await self._put(feeds)
            await self.finish(job.uuid)

    async def finish(self, bulk: str) -> None:
        """Write its results, once it can be."""
        await self._put([Chore.of(FINISH, OfBulk(bulk=bulk))])

    async def erase(self, bulk: str, until: float) -> None:
        """Remove what is kept of it, once it is deleted, and what still comes until then."""
        await self._put([Chore.of(ERASE, Erase(bulk=bulk, until=until))])

    async def _put(self, chores: Iterable[Chore]) -> None:
        # Together, they travel as batches of ten.
        await asyncio.gather(*(self._desk.put(chore) for chore in chores))
