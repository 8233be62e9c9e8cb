"""Waiting a while for a job's answer, which nothing depends on: after that the job is looked up by its id."""

import asyncio
import contextlib
from typing import Any

from api.client import Client, ClientGone
from api.jobs.book import Entry
from api.jobs.intake import Hold
from api.jobs.jobs import Jobs
from api.pending import Pending, Waiting
from wire.errors import ShuttingDown
from wire.messages import Answer


class Wait:
    """One request that waits; a context manager, whose places in the table are given up at its end.

    Args:
        pending: the table.
        client: who waits.
    """

    def __init__(self, pending: Pending, client: Client) -> None:
        self._pending = pending
        self._client = client
        self._stack = contextlib.ExitStack()
        self._waiting: Waiting | None = None

    def __enter__(self) -> "Wait":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def hold(self) -> Hold:
        """Takes the place. It is never given a job: an answer that comes too late is in the store."""

        def hold(uuid: str, image_url: str) -> None:
            place = self._pending.hold(uuid, image_url, self._client.group)
            self._waiting = self._stack.enter_context(place)

        return hold

    async def answer(self, entry: Entry, jobs: Jobs, seconds: float) -> Answer | None:
        """The job's answer, None when none came within so many seconds, or this replica goes.

        Raises:
            ClientGone
        """
        if self._waiting is not None:
            answer = await self._awaited(self._waiting, seconds)
            if answer is not None:
                return answer
        return (await jobs.renewed(entry)).answer

    async def _awaited(self, waiting: Waiting, seconds: float) -> Answer | None:
        gone = asyncio.ensure_future(self._client.gone())
        either: list[asyncio.Future[Any]] = [waiting.answer, gone]
        try:
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
        if waiting.answer.done():
            with contextlib.suppress(ShuttingDown):
                took = self._pending.waited(waiting) * 1000
                answer = waiting.answer.result()
                timings = answer.timings.model_copy(update={"total_ms": round(took, 3)})
                return answer.model_copy(update={"timings": timings})
            return None
        if gone.done() and not gone.cancelled():
            raise ClientGone
        return None
