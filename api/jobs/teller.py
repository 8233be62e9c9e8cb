"""Says how a job is: what is kept of it, and while it has no answer also who works and how much is ahead."""

import time
from collections.abc import Callable

from api.documents import JobStatus
from api.jobs import states
from api.jobs.book import Entry
from api.jobs.jobs import Jobs
from api.jobs.outlook import Watch
from api.jobs.running import Running
from api.jobs.view import status


class Teller:
    """Tells clients.

    Args:
        now: seconds since the epoch.
    """

    def __init__(
        self, jobs: Jobs, running: Running, outlook: Watch, now: Callable[[], float] = time.time
    ) -> None:
        self._jobs = jobs
        self._running = running
        self._outlook = outlook
        self._now = now

    async def status(self, entry: Entry) -> JobStatus:
        """All that is known of a job."""
        if entry.answer is not None:
            return status(entry, in_hand=False, outlook=None, now=self._now())
        in_hand = await self._running.has(entry.marker.uuid)
        return status(entry, in_hand, await self._outlook.now(), self._now())

    async def look(self, entry: Entry) -> tuple[Entry, states.State]:
        """A job anew, and its state.

        Raises:
            QueueUnavailable
        """
        entry = await self._jobs.renewed(entry)
        in_hand = entry.answer is None and await self._running.has(entry.marker.uuid)
        return entry, states.state(entry.answer, in_hand)
