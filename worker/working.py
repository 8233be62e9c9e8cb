"""Tells which asynchronous jobs are in hand: one small object for all of them, only of those that last."""

import asyncio
import secrets
import time
from collections.abc import Callable

from wire import log
from wire.names import working_key
from wire.store import Store
from wire.working import MOMENT, RENEWED, InHand
from worker.farewell import within
from worker.shift import Shift

logger = log.get("worker")


class Working:
    """Writes the object when what it says changes, once a second at most, and removes it with the last job.

    Args:
        store: where it is read by front ends.
        shift: what is in hand.
        clock: monotonic seconds.
    """

    def __init__(
        self, store: Store, shift: Shift, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._shift = shift
        self._clock = clock
        self._key = working_key(secrets.token_hex(8))
        self._told: tuple[str, ...] = ()
        self._told_at = 0.0
        self._there = False  # the object, as far as is known

    async def run(self) -> None:
        """Look once a second; runs until canceled, and leaves nothing then. What cannot be told is told
        by the next look."""
        try:
            while True:
                await asyncio.sleep(MOMENT)
                try:
                    await self.tell()
                except Exception as error:
                    logger.warning("not told what is in hand", error=repr(error.__cause__ or error))
        finally:
            if self._there:
                await within(self._remove)

    async def tell(self) -> None:
        """One look."""
        now = self._clock()
        lasting = (each for each in self._shift.unanswered if now - each.arrived >= MOMENT)
        jobs = tuple(sorted(each.job.uuid for each in lasting if each.job.alone))
        renewed = bool(jobs) and now - self._told_at >= RENEWED
        if jobs == self._told and not renewed:
            return
        if jobs:
            self._there = True
            await self._store.put(self._key, InHand(jobs=jobs).encode().encode())
        else:
            await self._remove()
        self._told, self._told_at = jobs, now

    async def _remove(self) -> None:
        await self._store.delete(self._key)
        self._there = False
