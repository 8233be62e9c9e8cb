"""The reports queue, read to its end once a tick.

Reports are not deleted but left to expire, hidden (`wire.topology`): a call for ten of them is all that
they cost. One that is lost with a balancer is made good by the sender's next, 30 s later. A queue that an
earlier version made keeps them for ten minutes and shows them again every 90 s: what is older than a new
queue would keep it is passed over.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Report, Undecodable
from wire.queues import Queue, Received, TooManyInFlight

_log = log.get(__name__)

MOST_BATCHES = 400
WORTH = 60.0  # seconds
AT_ONCE = 4  # as many long polls as `wire.aws` has threads for
JUST = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Heard:
    """A report and when it was sent: `at` on the balancer's clock, `sent_at` in SQS time.

    `at` is its arrival less its age: an old report that waited in the queue says nothing about now.
    """

    report: Report
    at: float
    sent_at: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What was heard, oldest first; `complete` says that nothing more waits."""

    heard: list[Heard]
    complete: bool


class Inbox:
    """Takes reports out of their queue; what is no report goes to the dead-letter queue."""

    def __init__(self, reports: Queue, dead_letter: Queue, clock: Callable[[], float]) -> None:
        self._reports = reports
        self._dead_letter = dead_letter
        self._clock = clock
        self._kept: list[Heard] = []
        self._emptied_at: float | None = None

    async def keep(self, came: Sequence[Received]) -> bool:
        """Hear what a poll between two looks brought, and keep it for the next; whether somebody waits."""
        heard = [found for each in came if (found := await self._read(each)) is not None]
        self._kept += heard
        self._emptied_at = None if came else self._clock()
        reports = (each.report for each in heard if each.report.kind == "api")
        return any(report.busy or report.unanswered for report in reports)

    async def take(self) -> Taken:
        """Everything that waits, and what was kept; at most 4 000 at once, the rest on the next tick.

        A queue that a poll has just found empty is not asked again.

        Raises:
            QueueUnavailable: before anything was heard. An outage after that ends the taking: what
                was heard is hidden, and no later tick would bring it again.
        """
        heard, self._kept = self._kept, []
        emptied_at, self._emptied_at = self._emptied_at, None
        if emptied_at is not None and self._clock() - emptied_at < JUST:
            return Taken(sorted(heard, key=lambda each: each.sent_at), complete=True)
        complete = False
        try:
            complete = await self._empty(heard)
        except TooManyInFlight:
            _log.warning("no more reports are handed out: too many are in flight", taken=len(heard))
        except QueueUnavailable as error:
            if not heard:
                raise
            _log.warning("reports taken in part", taken=len(heard), fault=repr(error))
        return Taken(sorted(heard, key=lambda each: each.sent_at), complete)

    async def _empty(self, heard: list[Heard]) -> bool:
        asked, wave = 0, 1
        while asked < MOST_BATCHES:
            asked += wave
            if await self._take_wave(wave, heard):
                return True
            # One call while there is little to hear, several at once while there is much.
            wave = min(2 * wave, AT_ONCE)
        return False

    async def _take_wave(self, wave: int, heard: list[Heard]) -> bool:
        """Whether the queue is empty. What came beside a call that failed is heard before it is told."""
        calls = (self._reports.receive(limit=10, wait=0) for _ in range(wave))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        batches = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        came = [each for batch in batches for each in batch]
        heard += [found for each in came if (found := await self._read(each)) is not None]
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return not all(batches)

    async def _read(self, received: Received) -> Heard | None:
        if received.age > WORTH:
            return None
        try:
            report = Report.decode(received.body)
        except Undecodable as fault:
            _log.warning("undecodable report set aside", fault=str(fault))
            await self._set_aside(received.body)
            return None
        return Heard(report, self._clock() - received.age, received.sent_at)

    async def _set_aside(self, body: str) -> None:
        """Into the dead-letter queue, if that can be reached: the reports that came along count for more."""
        try:
            await self._dead_letter.send(body)
        except Exception as error:
            _log.warning("undecodable report lost", fault=repr(error))
