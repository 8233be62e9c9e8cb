"""A worker's life, from its first report to its last, and the signals that end it early.

SIGTERM, Ctrl-C and a terminate message walk one path: receive no more, finish what is held, say so, end.
"""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

from wire import log
from worker.lookout import Lookout
from worker.loop import Loop
from worker.reporter import Reporter
from worker.shift import Shift

INTERRUPTED = 130  # 128 + SIGINT, as shells report it

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


class Lifecycle:
    """Runs a worker that is ready.

    Args:
        shift: what it holds.
        loop: receives and works.
        lookout: takes terminate messages.
        reporter: tells the balancer.
        background: what runs beside them and never ends by itself: batcher, keeper.
    """

    def __init__(
        self,
        shift: Shift,
        loop: Loop,
        lookout: Lookout,
        reporter: Reporter,
        background: list[Coroutine[Any, Any, None]],
    ) -> None:
        self._shift = shift
        self._loop = loop
        self._lookout = lookout
        self._reporter = reporter
        self._background = background

    async def run(self, boot_seconds: float) -> None:
        """Ready, work, drain, stopped."""
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(each) for each in self._background]
            await self._reporter.say("ready", boot_seconds)
            logger.info("ready", boot_seconds=round(boot_seconds, 3))
            beside.append(group.create_task(self._reporter.run()))
            work = group.create_task(self._loop.run())
            look = group.create_task(self._lookout.run())
            await self._shift.until(lambda: self._shift.draining is not None)
            logger.info("draining", reason=self._shift.draining, busy=self._shift.busy)
            await self._reporter.say("draining")
            await asyncio.wait([work, look])
            for task in beside:
                task.cancel()
        await self._reporter.say("stopped")
        logger.info("stopped")
