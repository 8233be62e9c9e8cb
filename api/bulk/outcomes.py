"""Rows' answers as they come: into parts, and a look at whether any is missing still.

Whoever stores the last part must see that it was the last. So a look follows every part, one for as many
as came meanwhile, and reads what other replicas have stored.
"""

import asyncio
import contextlib

from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.errands import Errands
from api.bulk.kept import Outcome
from api.bulk.parts import Parts
from api.chores.consumer import Later, pause
from wire import log
from wire.bulk import row_of
from wire.errors import QueueUnavailable
from wire.messages import Answer
from wire.queues import Received
from wire.store import Store

PAUSE = 2.0  # seconds between two looks at one bulk job
LAST = 3.0  # seconds that a replica which goes gives its last looks
_log = log.get(__name__)


class Outcomes:
    """Keeps rows; `keep` satisfies `api.chores.outcomes.Row`."""

    def __init__(
        self, store: Store, books: Books, counts: Counts, errands: Errands, between: float = PAUSE
    ) -> None:
        self._books = books
        self._counts = counts
        self._errands = errands
        self._between = between
        self._parts = Parts(store, self._stored)
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._stopping = asyncio.Event()

    async def keep(self, answer: Answer, received: Received) -> None:
        """Return once the row's outcome is stored.

        Raises:
            Later: the store cannot be reached.
        """
        found = row_of(answer.uuid)
        if found is None:
            _log.error("an answer is no row's", job=answer.uuid, order=answer.order)
            return
        bulk, row = found
        try:
            await self._parts.add(bulk, Outcome.of(row, answer, received.sent_at).line())
        except (
            QueueUnavailable
        ) as error:  # of which one line in the log is enough for all that waited
            # Ever rarer: the queue sets aside what was received too often, and nothing brings a row back.
            raise Later(pause(received.receive_count)) from error

    async def stop(self) -> None:
        """Look at once wherever a look is due: nothing else would for up to half an hour."""
        self._stopping.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST):
                while self._looks:
                    await asyncio.wait(set(self._looks.values()))

    def _stored(self, bulk: str, key: str, part: bytes) -> None:
        self._counts.note(bulk, key, part)
        self._again.add(bulk)
        if bulk not in self._looks:
            self._looks[bulk] = asyncio.create_task(self._look(bulk))

    async def _look(self, bulk: str) -> None:
        try:
            while bulk in self._again:
                self._again.discard(bulk)
                await self._once(bulk)
                await self._rest()
        finally:
            # In the very step that saw that no look is due: a part that is stored after it begins another.
            del self._looks[bulk]

    async def _once(self, bulk: str) -> None:
        try:
            if await self._is_complete(bulk):
                await self._errands.finish(bulk)
        except Exception as error:
            # The chore of its end is in the queue in any case, and looks by itself.
            reason = repr(error.__cause__ or error)
            _log.warning("not looked whether a bulk job is complete", job=bulk, reason=reason)

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._between):
                await self._stopping.wait()

    async def _is_complete(self, bulk: str) -> bool:
        job = await self._books.find(bulk)
        return job is not None and (await self._counts.tally(job, 0)).complete
