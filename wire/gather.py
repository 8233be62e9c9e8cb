"""Singles travel as batches of up to ten, whose size follows the load.

SQS bills and takes its time by the call, so ten messages in one call cost a tenth. While no call is
open, an entry goes at once, with whatever else the same turn of the event loop brought. While one is,
what comes gathers until it returns, ten are together, or a moment has passed: the group commit of
databases. So a lone message waits for nothing, and many find company without a timer.

Of a batch that failed in part, only the failed entries are tried again.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wire.errors import QueueUnavailable

BATCH = 10
BATCH_BYTES = 1_000_000  # SQS allows 1 MiB a batch; the rest is room for attributes
ATTEMPTS = 5
CROWD = 64  # entries; among fewer, those whose callers gave up are not looked for
MOST = 8  # calls open at once, those that try again not counted
LINGER = (
    0.02  # seconds that an entry waits for an open call to return; one that hangs takes far longer
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a batch call: what goes into it, how many bytes it weighs, and for how many seconds it
    can wait for company in any case."""

    value: object
    weight: int = 0
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: None, or why it failed and whether another try makes sense."""

    error: Exception | None = None
    retry: bool = False


class _Waiting(NamedTuple):
    entry: Entry
    future: asyncio.Future[None]
    since: float


Flush = Callable[[Sequence[Entry]], Awaitable[Sequence[Outcome]]]
"""Sends one batch; gives one outcome an entry, in order. Raises when the whole call failed."""


class Gatherer:
    """Collects entries into batches and settles each entry's own future.

    Args:
        flush: the batch call.
    """

    def __init__(self, flush: Flush) -> None:
        self._flush = flush
        self._waiting: deque[_Waiting] = deque()
        self._weight = 0
        self._crowd = CROWD  # so many wait when those who gave up are next looked for
        self._open = 0
        self._timer: asyncio.Handle | None = None
        self._due = 0.0  # when the timer rings, by the loop's time
        self._running: set[asyncio.Task[None]] = set()

    async def add(self, entry: Entry) -> None:
        """Return once the entry has gone through; raise what it failed with.

        Whoever is canceled takes along what has not left yet: nobody counts on it."""
        await self._enqueue(entry)

    async def deliver(self, entry: Entry) -> None:
        """The same for what goes whether or not somebody still waits for it."""
        await asyncio.shield(self._enqueue(entry))

    async def add_many(self, entries: Sequence[Entry]) -> None:
        """The same for several; raises the first failure after all are settled."""
        futures = [self._enqueue(entry) for entry in entries]
        results = await asyncio.gather(*futures, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def drain(self) -> None:
        """Send what waits and return when every open call has ended."""
        while self._waiting or self._running:
            while self._waiting:
                self._start()
            if self._running:
                await asyncio.wait(self._running)

    def _enqueue(self, entry: Entry) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if len(self._waiting) >= self._crowd:
            self._clear()
        self._waiting.append(_Waiting(entry, future, loop.time()))
        self._weight += entry.weight
        if self._timer is None or self._full or self._ends(self._waiting[-1]) < self._due:
            self._look()
        return future

    def _ends(self, waiting: _Waiting) -> float:
        patience = waiting.entry.patience
        return waiting.since + (max(patience, LINGER) if self._open else patience)

    @property
    def _full(self) -> bool:
        return len(self._waiting) >= BATCH or self._weight > BATCH_BYTES

    def _look(self) -> None:
        """Start what may start; set the timer for what may not yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._full and self._open < MOST:
            self._start()
        if not self._waiting or self._open >= MOST:
            return  # whatever is open looks again when it returns
        loop = asyncio.get_running_loop()
        self._due = min(self._ends(each) for each in self._waiting)
        left = self._due - loop.time()
        self._timer = loop.call_later(left, self._ripe) if left > 0 else loop.call_soon(self._ripe)

    def _ripe(self) -> None:
        self._timer = None
        if self._waiting and self._open < MOST:
            self._start()
        self._look()

    def _clear(self) -> None:
        # At each doubling, so that it costs an entry next to nothing.
        self._waiting = deque(each for each in self._waiting if not each.future.cancelled())
        self._weight = sum(each.entry.weight for each in self._waiting)
        self._crowd = max(CROWD, 2 * len(self._waiting))

    def _next(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        weight = 0
        while self._waiting and len(batch) < BATCH:
            first = self._waiting[0]
            kept = not first.future.cancelled()
            if batch and kept and weight + first.entry.weight > BATCH_BYTES:
                break
            self._waiting.popleft()
            self._weight -= first.entry.weight
            if kept:
                batch.append(first)
                weight += first.entry.weight
        return batch

    def _start(self) -> None:
        batch = self._next()
        if not batch:
            return
        task = asyncio.create_task(self._settle([(each.entry, each.future) for each in batch]))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._open += 1

    def _returned(self) -> None:
        self._open -= 1
        self._look()

    async def _settle(self, batch: list[tuple[Entry, asyncio.Future[None]]]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            outcomes = await self._outcomes([entry for entry, _ in batch])
            if attempt == 1:
                self._returned()
            again = []
            for (entry, future), outcome in zip(batch, outcomes, strict=True):
                if outcome.error is None:
                    _resolve(future, None)
                elif outcome.retry and attempt < ATTEMPTS and not future.cancelled():
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
