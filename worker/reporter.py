"""What a worker says of itself: every 30 s, and soon after each change between idle and busy.

A first or much changed figure of its pace is a change too, but no reason to speak every second.
"""

import asyncio
import os
import time

from wire import log
from wire.messages import Report
from wire.queues import Queue
from worker.shift import Shift
from worker.tally import Tally

CALM = 1.0
PATIENCE = 5.0
SETTLED = 5.0  # seconds between reports whose only news is the pace
MUCH = 0.2

logger = log.get("worker")


class Reporter:
    """Sends reports. One that cannot be sent is dropped: the next says more.

    Args:
        reports: the queue that the balancer reads.
        sender: this worker's id.
        shift: idle or busy.
        tally: the figures.
        heartbeat: seconds between reports.
        calm: seconds between reports of changes; a worker may turn a hundred times a second.
    """

    def __init__(
        self,
        reports: Queue,
        sender: str,
        shift: Shift,
        tally: Tally,
        heartbeat: float,
        calm: float = CALM,
    ) -> None:
        self._reports = reports
        self.sender = sender
        self._shift = shift
        self._tally = tally
        self._heartbeat = heartbeat
        self._calm = calm
        self._said = "started"
        self._said_at = 0.0
        self._pace: float | None = None

    async def run(self) -> None:
        """Report until canceled."""
        while True:
            await self._shift.until(self._has_news, self._heartbeat)
            await self.say(self._state())
            await asyncio.sleep(self._calm)

    async def say(self, state: str, boot_seconds: float | None = None) -> None:
        """Send one report; an outage holds the worker up for a few seconds at most."""
        self._said, self._said_at = state, time.monotonic()
        self._pace = self._tally.pace.per_second()
        report = Report.model_validate(
            {
                "sender": self.sender,
                "kind": "worker",
                "state": state,
                "pid": os.getpid(),
                "busy": self._shift.busy,
                "served": self._tally.served,
                "failed": self._tally.failed,
                "service_seconds": self._tally.service_seconds(),
                "oldest_wait": self._tally.oldest_wait(),
                "boot_seconds": boot_seconds,
                "throughput": self._pace and round(self._pace, 3),
                "standby": self._shift.standby,
                "reason": self._shift.draining,
            }
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await self._reports.send(report.encode())
        except Exception as error:
            logger.warning("a report could not be sent", state=state, error=repr(error))

    def _has_news(self) -> bool:
        if self._state() != self._said:
            return True
        if time.monotonic() - self._said_at < SETTLED:
            return False
        pace = self._tally.pace.per_second()
        return pace is not None and abs(pace - (self._pace or 0.0)) > MUCH * pace

    def _state(self) -> str:
        if self._shift.draining:
            return "draining"
        if self._shift.standby:
            return "ready"
        return "busy" if self._shift.busy else "idle"
