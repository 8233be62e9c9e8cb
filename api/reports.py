"""What this replica tells the balancer of itself: at each change, and every 30 s that it lives.

What changes with every request, how many jobs it has sent and how long the first of them waits, is told
every 5 s at most. Only a job that is sent after seconds without any answer is told of at once, whether or not
it is waited for: there may be no worker, and a balancer that waits for such a word.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

from botocore.exceptions import ClientError

from api.connection import Connection
from api.pending import Pending
from api.submit import Submitter
from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Report
from wire.queues import QueueMissing

HEARTBEAT = 30.0
CALM = 5.0
PATIENCE = 3.0
QUIET = 3.0  # seconds
LATELY = 10.0  # seconds; an older job may be in the hands of a worker that died with it
State = Literal["started", "ready", "draining", "stopped"]
_log = log.get(__name__)


class Reporter:
    """Sends the reports of one replica.

    Args:
        every: seconds between heartbeats.
        calm: seconds between reports while jobs are sent or waited for.
    """

    def __init__(
        self,
        connection: Connection,
        pending: Pending,
        submitter: Submitter,
        every: float = HEARTBEAT,
        calm: float = CALM,
    ) -> None:
        self._connection = connection
        self._pending = pending
        self._submitter = submitter
        self._every = every
        self._calm = min(calm, every)
        self._state: State = "started"
        self._told_at = 0.0
        # What was sent and what is not answered; None when it did not get through.
        self._told: tuple[int, int] | None = None
        self._news = False
        # What else each report says.
        self.besides: Callable[[], Mapping[str, object]] = dict
        self._answered = 0
        self._answered_at = float("-inf")

    async def tell(self, state: State) -> None:
        """Report a change. A report that does not get through is logged, and the next one follows."""
        self._state = state
        self._told, self._news = None, False
        self._last_answer()
        counts = self._counts()
        lines = self._connection.current
        if lines is None:
            return
        report = Report(
            sender=lines.replica,
            kind="api",
            state=state,
            pid=os.getpid(),
            busy=len(self._pending),
            served=self._pending.served,
            failed=self._pending.failed,
            submitted=self._submitter.submitted,
            unanswered=self._pending.unanswered(LATELY) + self._submitter.left.count(),
            oldest_wait=self._pending.oldest(),
        ).model_copy(update=dict(self.besides()))
        try:
            async with asyncio.timeout(PATIENCE):
                await lines.shared.reports.send(report.encode())
        except (QueueUnavailable, QueueMissing, ClientError, TimeoutError) as error:
            _log.warning("report not sent", state=state, reason=repr(error))
        else:
            self._told_at, self._told = time.monotonic(), counts

    def soon(self) -> None:
        """Something changed that the next report says, within seconds."""
        self._news = True

    async def run(self) -> None:
        """Heartbeats, more often while there is news; runs until canceled."""
        while True:
            await self._pause()
            if self._is_due():
                await self.tell(self._state)

    async def _pause(self) -> None:
        """A while without news, or until the first job that nobody may be there for."""
        self._submitter.sent.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._calm):
                await self._submitter.sent.wait()
                if self._is_first():
                    return
                await asyncio.Event().wait()  # the rest of the while

    def _is_first(self) -> bool:
        """Whether nothing was open when it was last told, and nobody has been answered for a while."""
        return (
            self._told is not None
            and not self._told[1]
            and time.monotonic() - self._last_answer() > QUIET
        )

    def _last_answer(self) -> float:
        """When it was first seen, at or before now, that no more have been answered since."""
        answered = self._pending.served + self._pending.failed
        if answered != self._answered:
            self._answered, self._answered_at = answered, time.monotonic()
        return self._answered_at

    def _is_due(self) -> bool:
        if self._told is None or self._news:
            return True
        if self._told[1] or self._counts() != self._told:
            return True
        # Half a pause early rather than a whole one late.
        return time.monotonic() - self._told_at > self._every - self._calm / 2

    def _counts(self) -> tuple[int, int]:
        return self._submitter.submitted, len(self._pending) + self._submitter.left.count()
