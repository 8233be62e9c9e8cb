"""An EC2 instance as a host: its id, its age, its notices, and the tag that keeps its worker on standby.

An instance of the standby pool boots whole, says that it is ready, and touches no queue once its tag
said `no`, until it says `yes`. It is stopped in that state, and tagged `yes` before it is started in
earnest. An instance without the tag is none of the pool and works at once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from wire import log
from wire.names import ACTIVE_TAG
from worker import STARTED
from worker.host import made_up
from worker.imds import Imds, ImdsAway
from worker.notices import Notices
from worker.shift import Shift

TAG = f"tags/instance/{ACTIVE_TAG}"
EVERY = 1.0  # seconds between looks at the tag
TRIES = 3
PAUSE = 0.5
# Seconds for which an instance that nobody told anything counts as one of the pool. The fleet gives a boot
# four times as long before it stops or replaces it.
UNTOLD = 30.0
# A worker that starts later than this after its machine was not launched with it: it was started anew.
BOOT_MOST = 600.0

R = TypeVar("R")

logger = log.get("worker")


def _uptime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Instance:
    """Satisfies `worker.host.Host`.

    Args:
        imds: tells what is asked here.
        uptime: seconds since the machine started; one that was stopped starts anew.
        every: seconds between looks at the tag.
        untold: seconds without any answer after which the worker works, for good: an instance whose
            metadata cannot be read must not be useless for ever.
    """

    def __init__(
        self,
        imds: Imds,
        uptime: Callable[[], float] = _uptime,
        every: float = EVERY,
        untold: float = UNTOLD,
    ) -> None:
        self._imds = imds
        self._uptime = uptime
        self._every = every
        self._untold_until = time.monotonic() + untold
        self._pooled = False

    async def name(self) -> str:
        try:
            return await self._tried(lambda: self._imds.get("instance-id")) or made_up()
        except ImdsAway as error:
            logger.warning("EC2 does not tell the instance's id", error=str(error))
            return made_up()

    async def settle(self, shift: Shift) -> None:
        """On standby when the tag says so, and while nobody can say; `watches` asks on."""
        try:
            shift.standby = await self._tried(self._is_on_standby)
        except ImdsAway as error:
            logger.warning("EC2 does not tell the instance's tags; waiting", error=str(error))
            shift.standby = True

    def age(self) -> float:
        return self._uptime()

    def boot_seconds(self) -> float:
        own, machine = time.monotonic() - STARTED, self._uptime()
        return machine if machine - own < BOOT_MOST else own

    def watches(self, shift: Shift) -> list[Coroutine[Any, Any, None]]:
        return [Notices(self._imds, shift).run(), self._stand_by(shift)]

    async def close(self) -> None:
        await self._imds.close()

    async def _stand_by(self, shift: Shift) -> None:
        """Until the tag lets the worker work. While nobody can read it, what it said stands."""
        while shift.standby and not shift.draining:
            await asyncio.sleep(self._every)
            if not await self._is_held():
                logger.info("activated", tag=ACTIVE_TAG)
                shift.activate()

    async def _is_held(self) -> bool:
        try:
            return await self._is_on_standby()
        except ImdsAway as error:
            if self._pooled or time.monotonic() < self._untold_until:
                return True
            logger.warning("EC2 never told the instance's tags; working", error=str(error))
            return False

    async def _is_on_standby(self) -> bool:
        # A tag that goes missing after `no` was not set to `yes` by anybody.
        tag = await self._imds.get(TAG)
        self._pooled = self._pooled or tag == "no"
        return self._pooled and tag != "yes"

    async def _tried(self, ask: Callable[[], Awaitable[R]]) -> R:
        for _ in range(TRIES - 1):
            try:
                return await ask()
            except ImdsAway:
                await asyncio.sleep(PAUSE)
        return await ask()
