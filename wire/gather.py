"""Singles that arrive within a few milliseconds travel as one batch of up to ten.

SQS bills and takes its time by the call, so ten messages in one call cost a tenth. Of a batch that
failed in part, only the failed entries are tried again.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from wire.errors import QueueUnavailable

BATCH = 10
BATCH_BYTES = 1_000_000  # SQS allows 1 MiB a batch; the rest is room for attributes
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a batch call: what goes into it, and how many bytes it weighs."""

    value: object
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: None, or why it failed and whether another try makes sense."""

    error: Exception | None = None
    retry: bool = False


Flush = Callable[[Sequence[Entry]], Awaitable[Sequence[Outcome]]]
"""Sends one batch; gives one outcome an entry, in order. Raises when the whole call failed."""


class Gatherer:
    """Collects entries into batches and settles each entry's own future.

    Args:
        flush: the batch call.
        window: seconds that a lone entry waits for company.
    """

    def __init__(self, flush: Flush, window: float = 0.003) -> None:
        self._flush = flush
        self._window = window
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def add(self, entry: Entry) -> None:
        """Return once the entry has gone through; raise what it failed with."""
        await self._enqueue(entry)

    async def add_many(self, entries: Sequence[Entry]) -> None:
        """The same for several; raises the first failure after all are settled."""
        futures = [self._enqueue(entry) for entry in entries]
        results = await asyncio.gather(*futures, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def drain(self) -> None:
        """Send what waits and return when every open call has ended."""
        self._start()
        while self._running:
            await asyncio.wait(self._running)

    def _enqueue(self, entry: Entry) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if sum(e.weight for e, _ in self._waiting) + entry.weight > BATCH_BYTES:
            self._start()
        self._waiting.append((entry, future))
        if len(self._waiting) >= BATCH:
            self._start()
        elif self._timer is None:
            self._timer = loop.call_later(self._window, self._start)
        return future

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            batch, self._waiting = self._waiting, []
            task = asyncio.create_task(self._settle(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _settle(self, batch: list[tuple[Entry, asyncio.Future[None]]]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            outcomes = await self._outcomes([entry for entry, _ in batch])
            again = []
            for (entry, future), outcome in zip(batch, outcomes, strict=True):
                if outcome.error is None:
                    _resolve(future, None)
                elif outcome.retry and attempt < ATTEMPTS:
                    again.append((entry, future))
                else:
                    _resolve(future, outcome.error)
            if not again:
                return
            batch = again
            await asyncio.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311

    async def _outcomes(self, entries: list[Entry]) -> Sequence[Outcome]:
        try:
            return await self._flush(entries)
        except QueueUnavailable as error:
            return [Outcome(error, retry=True)] * len(entries)
        except Exception as error:
            return [Outcome(error)] * len(entries)


def _resolve(future: asyncio.Future[None], error: Exception | None) -> None:
    # A caller that was canceled meanwhile has already settled its future.
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
