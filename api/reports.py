"""What this replica tells the balancer of itself: at each change, and every 30 s that it lives.

What changes with every request, how many jobs it has sent and how long the first of them waits, is told
every 5 s at most.
"""

import asyncio
import os
import time
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
        self._told: tuple[int, int] | None = None  # None when it did not get through

    async def tell(self, state: State) -> None:
        """Report a change. A report that does not get through is logged, and the next one follows."""
        self._state = state
        self._told = None
        submitted, waiting = counts = self._counts()
        lines = self._connection.current
        if lines is None:
            return
        report = Report(
            sender=lines.replica,
            kind="api",
            state=state,
            pid=os.getpid(),
            busy=waiting,
            served=self._pending.served,
            failed=self._pending.failed,
            submitted=submitted,
            oldest_wait=self._pending.oldest(),
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await lines.shared.reports.send(report.encode())
        except (QueueUnavailable, QueueMissing, ClientError, TimeoutError) as error:
            _log.warning("report not sent", state=state, reason=repr(error))
        else:
            self._told_at, self._told = time.monotonic(), counts

    async def run(self) -> None:
        """Heartbeats, more often while there is news; runs until canceled."""
        while True:
            await asyncio.sleep(self._calm)
            if self._is_due():
                await self.tell(self._state)

    def _is_due(self) -> bool:
        if self._told is None or self._told[1] or self._counts() != self._told:
            return True
        # Half a pause early rather than a whole one late.
        return time.monotonic() - self._told_at > self._every - self._calm / 2

    def _counts(self) -> tuple[int, int]:
        return self._submitter.submitted, len(self._pending)
