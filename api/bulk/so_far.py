"""What there is of a bulk job's results before its end: lines, a piece of the manifest at a time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable

from api.bulk.books import Books
from api.bulk.kept import BulkJob
from api.bulk.results import Best, lines, merge
from api.limits.places import Places


class SoFar:
    """Reads outcomes, all of which are in memory until the last line is taken.

    Args:
        places: for as many as may read at once.
    """

    def __init__(self, books: Books, places: Places) -> None:
        self._books = books
        self._places = places

    async def stream(self, job: BulkJob, group: str | None) -> AsyncIterator[bytes]:
        """Lines of the rows that have an outcome.

        Raises:
            Overloaded, RateLimited: as many are reading as may.
            QueueUnavailable
        """
        pieces = self._pieces(job, group)
        # Begun here, so that what refuses it comes before the answer's head, and its place is given back
        # with it however it ends.
        await anext(pieces)
        return pieces

    async def _pieces(self, job: BulkJob, group: str | None) -> AsyncGenerator[bytes, None]:
        with self._places.take(group):
            best = await asyncio.to_thread(_best, await self._books.parts(job))
            yield b""
            for piece in range(job.pieces):
                rows = await self._books.rows(job, piece)
                yield await asyncio.to_thread(b"".join, lines(rows, best, None))


def _best(parts: Iterable[bytes]) -> dict[int, Best]:
    best: dict[int, Best] = {}
    for part in parts:
        merge(best, part)
    return best
