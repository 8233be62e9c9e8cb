"""Predicting runs in a thread, and a thread that hangs cannot be ended: the process can.

Left alone, the worker would call itself busy for ever, and neither work nor go. Once it has gone it is
replaced, and what it held shows again by itself: the picture that it hung on too, as a suspect.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wire import log
from wire.leases import STALL

LIMIT = 3 * STALL  # the lease ended before, or ends with the process: what still comes is of no use
EVERY = 5.0
HUNG = 1

logger = log.get("worker")


@dataclass(slots=True, eq=False)
class Run:
    """One call in a thread, and the looks that found it there."""

    step: str
    about: dict[str, str]
    looks: int = 0


class Watchdog:
    """Ends the process when one run in a thread takes too long.

    Time is counted in looks, not by the clock: a process that was stopped for a while does not hang.

    Args:
        limit: seconds that a run may take.
        every: seconds between looks.
        sleep: waits so many seconds.
        leave: ends the process with a status, at once.
    """

    def __init__(
        self,
        limit: float = LIMIT,
        every: float = EVERY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        leave: Callable[[int], object] = os._exit,
    ) -> None:
        self._limit = limit
        self._every = every
        self._sleep = sleep
        self._leave = leave
        self._runs: set[Run] = set()

    @contextmanager
    def over(self, step: str, **about: str) -> Iterator[None]:
        """Watched while it lasts; `about` goes to the log."""
        run = Run(step, about)
        self._runs.add(run)
        try:
            yield
        finally:
            self._runs.discard(run)

    async def run(self) -> None:
        """Look until canceled."""
        while True:
            await self._sleep(self._every)
            for run in tuple(self._runs):
                self._look(run)

    def _look(self, run: Run) -> None:
        run.looks += 1
        seconds = run.looks * self._every
        if seconds > self._limit:
            logger.critical(
                "a thread hangs; the worker ends", step=run.step, seconds=seconds, **run.about
            )
            self._leave(HUNG)
