"""The reports queue, emptied once a tick."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from wire import log
from wire.messages import Report, Undecodable
from wire.queues import Queue, Received

_log = log.get(__name__)

MOST_BATCHES = 400


@dataclass(frozen=True, slots=True)
class Heard:
    """A report and when it was sent: `at` on the balancer's clock, `sent_at` in SQS time.

    `at` is its arrival less its age: an old report that waited in the queue says nothing about now.
    """

    report: Report
    at: float
    sent_at: float


class Inbox:
    """Takes reports out of their queue; what is no report goes to the dead-letter queue."""

    def __init__(self, reports: Queue, dead_letter: Queue, clock: Callable[[], float]) -> None:
        self._reports = reports
        self._dead_letter = dead_letter
        self._clock = clock

    async def take(self) -> list[Heard]:
        """Everything that waits, oldest first; at most 4 000 at once, the rest on the next tick."""
        heard: list[Heard] = []
        for _ in range(MOST_BATCHES):
            batch = await self._reports.receive(limit=10, wait=0)
            if not batch:
                break
            heard += await self._opened(batch)
        return sorted(heard, key=lambda each: each.sent_at)

    async def _opened(self, batch: list[Received]) -> list[Heard]:
        heard = [found for received in batch if (found := await self._read(received)) is not None]
        await asyncio.gather(*(self._reports.delete(received.receipt) for received in batch))
        return heard

    async def _read(self, received: Received) -> Heard | None:
        try:
            report = Report.decode(received.body)
        except Undecodable as fault:
            _log.warning("undecodable report set aside", fault=str(fault))
            await self._dead_letter.send(received.body)
            return None
        return Heard(report, self._clock() - received.age, received.sent_at)
