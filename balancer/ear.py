"""Listens for requests that begin to wait while there is no worker.

Between two ticks the reports queue is polled for long then, which takes the place of the next tick's look
at it: as many calls as without. While somebody works nobody listens: the next tick is early enough.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from balancer.inbox import Inbox
from wire import log
from wire.errors import QueueUnavailable
from wire.queues import Queue, QueueMissing, Received, TooManyInFlight

_log = log.get(__name__)

LONGEST = 20  # seconds, of SQS
BREATH = 1.0  # seconds until a poll that brought no word is followed by another


class Ear:
    """Satisfies `balancer.beat.Word` with `word`.

    `open` is true while a poll was left behind: only the process's end ends it.

    Args:
        reports: opens the reports queue, for calls that may take LONGEST.
        inbox: is given what comes.
        nobody: whether no worker works, or is about to.
    """

    def __init__(
        self,
        reports: Callable[[], Awaitable[Queue]],
        inbox: Inbox,
        nobody: Callable[[], bool],
    ) -> None:
        self._reports = reports
        self._inbox = inbox
        self._nobody = nobody
        self._queue: Queue | None = None
        self.open = False

    async def word(self, due: float, stop: asyncio.Event) -> bool:
        """Whether, before the loop's time is `due`, a replica says that requests wait and nobody works."""
        if not self._nobody():
            return False
        listening = asyncio.ensure_future(self._listen(due))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((listening, stopping), return_when=asyncio.FIRST_COMPLETED)
            return listening.done() and listening.result()
        finally:
            listening.cancel()
            stopping.cancel()

    async def _listen(self, due: float) -> bool:
        loop = asyncio.get_running_loop()
        # What cannot be heard now the tick will find out and tell.
        try:
            reports = self._queue = self._queue or await self._reports()
            # SQS waits whole seconds only; half a one late harms no tick.
            while seconds := max(0, min(LONGEST, round(due - loop.time()))):
                came = await self._poll(reports, seconds)
                if await self._inbox.keep(came):
                    return True
                if came and due - loop.time() > BREATH:
                    await asyncio.sleep(BREATH)
        except (QueueUnavailable, QueueMissing, TooManyInFlight):
            pass
        except Exception:
            _log.exception("listening failed")
        return False

    async def _poll(self, reports: Queue, seconds: int) -> Sequence[Received]:
        self.open = True
        try:
            came = await reports.receive(limit=10, wait=seconds)
        except Exception:
            self.open = False
            raise
        self.open = False
        return came
