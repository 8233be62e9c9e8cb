"""What this replica tells the balancer of itself: at each change, and every 30 s that it lives."""

import asyncio
import os
from typing import Literal

from botocore.exceptions import ClientError

from api.connection import Connection
from api.pending import Pending
from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Report
from wire.queues import QueueMissing

HEARTBEAT = 30.0
PATIENCE = 3.0
State = Literal["started", "ready", "draining", "stopped"]
_log = log.get(__name__)


class Reporter:
    """Sends the reports of one replica.

    Args:
        every: seconds between heartbeats.
    """

    def __init__(self, connection: Connection, pending: Pending, every: float = HEARTBEAT) -> None:
        self._connection = connection
        self._pending = pending
        self._every = every
        self._state: State = "started"

    async def tell(self, state: State) -> None:
        """Report a change. A report that does not get through is logged, and the next one follows."""
        self._state = state
        lines = self._connection.current
        if lines is None:
            return
        report = Report(
            sender=lines.replica,
            kind="api",
            state=state,
            pid=os.getpid(),
            busy=len(self._pending),
            served=self._pending.answered,
            oldest_wait=self._pending.oldest(),
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await lines.shared.reports.send(report.encode())
        except (QueueUnavailable, QueueMissing, ClientError, TimeoutError) as error:
            _log.warning("report not sent", state=state, reason=repr(error))

    async def run(self) -> None:
        """Heartbeats; runs until canceled."""
        while True:
            await asyncio.sleep(self._every)
            await self.tell(self._state)
