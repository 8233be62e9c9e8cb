"""What a worker says of itself: every 30 s, and soon after each change between idle and busy."""

import asyncio
import os

from wire import log
from wire.messages import Report
from wire.queues import Queue
from worker.shift import Shift
from worker.tally import Tally

CALM = 1.0
PATIENCE = 5.0

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
        self._sender = sender
        self._shift = shift
        self._tally = tally
        self._heartbeat = heartbeat
        self._calm = calm
        self._said = "started"

    async def run(self) -> None:
        """Report until canceled."""
        while True:
            await self._shift.until(lambda: self._state() != self._said, self._heartbeat)
            await self.say(self._state())
            await asyncio.sleep(self._calm)

    async def say(self, state: str, boot_seconds: float | None = None) -> None:
        """Send one report; an outage holds the worker up for a few seconds at most."""
        self._said = state
        report = Report.model_validate(
            {
                "sender": self._sender,
                "kind": "worker",
                "state": state,
                "pid": os.getpid(),
                "busy": self._shift.busy,
                "served": self._tally.served,
                "failed": self._tally.failed,
                "service_seconds": self._tally.service_seconds(),
                "oldest_wait": self._tally.oldest_wait(),
                "boot_seconds": boot_seconds,
            }
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await self._reports.send(report.encode())
        except Exception as error:
            logger.warning("a report could not be sent", state=state, error=repr(error))

    def _state(self) -> str:
        if self._shift.draining:
            return "draining"
        return "busy" if self._shift.busy else "idle"
