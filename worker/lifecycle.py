"""A worker's life, from its first report to its last, and the signals that end it early.

SIGTERM, Ctrl-C, a terminate message and a notice of EC2 walk one path: receive no more, finish what is
held, say so, end. What is not finished within the grace is let go of.
"""

import asyncio
import os
import signal
from collections.abc import Coroutine, Sequence
from typing import Any

from wire import log
from worker.lookout import Lookout
from worker.loop import Loop
from worker.reporter import Reporter
from worker.shift import Shift

INTERRUPTED = 130  # 128 + SIGINT, as shells report it
# The longest poll may have been opened just before, and must be seen to its end. Together with the grace it
# stays below the visibility time-out after which a worker is ended by force.
LAST = 25.0

logger = log.get("worker")


def obey_signals(shift: Shift) -> None:
    """SIGTERM and SIGINT drain the shift; a second SIGINT ends the process where it stands."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, shift.drain, "SIGTERM")
    loop.add_signal_handler(signal.SIGINT, _interrupt, shift)


def _interrupt(shift: Shift) -> None:
    if shift.draining:
        os._exit(INTERRUPTED)
    shift.drain("SIGINT")


async def unless_told(shift: Shift, work: Coroutine[Any, Any, None]) -> None:
    """Do what only a worker that stays needs: one that is told to go gives it up where it stands."""
    doing = asyncio.ensure_future(work)
    told = asyncio.ensure_future(shift.until(lambda: shift.draining is not None))
    try:
        await asyncio.wait((doing, told), return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
    finally:
        doing.cancel()
        told.cancel()


class Lifecycle:
    """Runs a worker that is ready.

    Args:
        shift: what it holds.
        loop: receives and works.
        lookout: takes terminate messages.
        reporter: tells the balancer.
        background: what runs beside them: batcher, keeper.
        grace: seconds to finish.
        last: seconds after that to let go, before everything is dropped where it stands.
    """

    def __init__(
        self,
        shift: Shift,
        loop: Loop,
        lookout: Lookout,
        reporter: Reporter,
        background: Sequence[Coroutine[Any, Any, None]],
        grace: float = 60.0,
        last: float = LAST,
    ) -> None:
        self._shift = shift
        self._loop = loop
        self._lookout = lookout
        self._reporter = reporter
        self._background = background
        self._grace = grace
        self._last = last

    async def run(self, boot_seconds: float) -> None:
        """Ready, work, drain, stopped."""
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(each) for each in self._background]
            await self._reporter.say("ready", boot_seconds)
            logger.info("ready", boot_seconds=round(boot_seconds, 3), standby=self._shift.standby)
            beside.append(group.create_task(self._reporter.run()))
            work = group.create_task(self._loop.run())
            look = group.create_task(self._lookout.run())
            await self._shift.until(lambda: self._shift.draining is not None)
            logger.info("draining", reason=self._shift.draining, busy=self._shift.busy)
            await self._reporter.say("draining")
            await self._finish({work, look})
            for task in beside:
                task.cancel()
        await self._reporter.say("stopped")
        logger.info("stopped", reason=self._shift.draining)

    async def _finish(self, tasks: set[asyncio.Task[None]]) -> None:
        _, late = await asyncio.wait(tasks, timeout=self._grace)
        if late:
            logger.warning("not done in time; letting go", held=self._shift.held)
            self._shift.curfew.fall()
            _, late = await asyncio.wait(late, timeout=self._last)
        for task in late:
            task.cancel()
