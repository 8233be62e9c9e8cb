"""Results of bulk jobs, read back: streamed to whoever asked, or searched for rows to try again."""

import asyncio
import json
from collections.abc import AsyncIterator

from api.bulk.books import Books
from api.bulk.kept import BulkJob, Format, Summary, results_key
from api.bulk.manifest import Wanted
from wire.errors import InvalidParameter, JobUnfinished, QueueUnavailable
from wire.store import Store

STRETCH = 1 << 20  # bytes of results that are in memory for one client
NO_FAILURES = "None of this bulk job's rows has failed."


class Fetching:
    """Reads results, never parts: what came after a job's end is no part of it."""

    def __init__(self, store: Store, books: Books) -> None:
        self._store = store
        self._books = books

    async def finished(self, bulk: str, client: str) -> tuple[BulkJob, Summary]:
        """A client's job that has ended, and what is in its results.

        Raises:
            JobNotFound, QueueUnavailable
            JobUnfinished: they are not there yet.
        """
        job, verdict = await self._books.known(bulk, client)
        summary = None if verdict is None else await self._books.summary(bulk)
        if summary is None:
            raise JobUnfinished
        return job, summary

    async def stream(
        self, bulk: str, client: str, form: Format
    ) -> tuple[int, AsyncIterator[bytes]]:
        """The results: how many bytes, and a stretch of them at a time.

        Raises:
            JobNotFound, QueueUnavailable
            JobUnfinished: they are not there yet.
            InvalidParameter: there are none in this format.
        """
        _, summary = await self.finished(bulk, client)
        size = summary.sizes.get(form)
        if size is None:
            raise InvalidParameter(f"There is no {form} of these results; ask for format=jsonl.")
        return size, self._stretches(results_key(bulk, summary.writing, form), size)

    async def failed(self, bulk: str, summary: Summary) -> list[Wanted]:
        """The rows whose results say that they have failed.

        Raises:
            QueueUnavailable
            InvalidParameter: none has.
        """
        if not summary.failed:
            raise InvalidParameter(NO_FAILURES)
        text = await self._store.get(results_key(bulk, summary.writing, "jsonl"))
        if text is None:
            raise QueueUnavailable  # deleted meanwhile
        return await asyncio.to_thread(_failed, text)

    async def _stretches(self, key: str, size: int) -> AsyncIterator[bytes]:
        for begin in range(0, size, STRETCH):
            stretch = await self._store.stretch(key, begin, STRETCH)
            if not stretch:
                raise QueueUnavailable  # deleted meanwhile: a body that breaks off must not look whole
            yield stretch


def _failed(results: bytes) -> list[Wanted]:
    lines = (json.loads(line) for line in results.splitlines() if b'"status":"failed"' in line)
    failed = (each for each in lines if each["status"] == "failed")
    return [Wanted(each["url"], each.get("id"), each["row"]) for each in failed]
