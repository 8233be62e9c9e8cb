"""How a replica goes: every client that waits gets its answer, or a 503 with its job's id."""

import asyncio
import contextlib
from collections.abc import Awaitable

from botocore.exceptions import ClientError

from api.collect import Collector
from api.connection import Connection
from api.late import Late
from api.pending import Pending, Waiting
from api.reports import Reporter
from wire import log
from wire.errors import QueueUnavailable, ShuttingDown
from wire.queues import QueueMissing

PATIENCE = 3.0  # seconds for each step that needs the queues; they may be gone before us
_log = log.get(__name__)


class Drain:
    """The ordered procedure of a shutdown.

    Args:
        collecting: the task that runs the collector, connection included.
        grace: seconds in which answers are still awaited.
    """

    def __init__(
        self,
        connection: Connection,
        pending: Pending,
        late: Late,
        collector: Collector,
        reporter: Reporter,
        collecting: asyncio.Task[None],
        grace: float,
    ) -> None:
        self._connection = connection
        self._pending = pending
        self._late = late
        self._collector = collector
        self._reporter = reporter
        self._collecting = collecting
        self._grace = grace

    async def run(self) -> None:
        """Turn away, wait, dismiss, collect no more, clear up, say so."""
        self._pending.close()
        self._connection.close()
        await asyncio.gather(self._reporter.tell("draining"), self._wait())
        await self._dismiss()
        ended = await self._stop_collecting()
        await self._clear_up(ended)
        await self._reporter.tell("stopped")

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                await self._pending.emptied()

    async def _dismiss(self) -> None:
        rest = [waiting for waiting in self._pending.all() if not waiting.answer.done()]
        _log.info("dismissing", unanswered=len(rest))
        await asyncio.gather(*(self._send_home(waiting) for waiting in rest))

    async def _send_home(self, waiting: Waiting) -> None:
        # One step, as in Submitter: an answer must find the table or the store expecting it.
        if self._pending.leave_unanswered(waiting) and waiting.job is not None:
            self._late.expect(waiting)
            await self._late.mark(waiting)
        if not waiting.answer.done():
            waiting.answer.set_exception(ShuttingDown())

    async def _stop_collecting(self) -> bool:
        """Whether the loop came to its end; otherwise it is left to the process's own."""
        lines = self._connection.current
        if lines is not None and self._collector.reachable:
            await _attempt("waking the poll", self._collector.stop(lines))
            await asyncio.wait({self._collecting}, timeout=PATIENCE)
        return not self._collecting.cancel()

    async def _clear_up(self, ended: bool) -> None:
        expected = len(self._late.all())
        if ended and not expected:
            await _attempt("removing the response queue", self._connection.remove())
        else:
            # The balancer collects what still comes, and removes the queue of a silent replica.
            _log.info("response queue left", expected=expected)


async def _attempt(step: str, call: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await call
    except (QueueUnavailable, QueueMissing, ClientError, TimeoutError) as error:
        _log.warning("shutdown step failed", step=step, reason=repr(error))
