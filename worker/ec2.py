"""An EC2 instance as a host: its id, its age, its notices, and the tag that keeps its worker on standby.

An instance of the standby pool boots whole, says that it is ready, and touches no queue while its tag
says `no`. It is stopped in that state, and tagged `yes` before it is started in earnest.
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
    """

    def __init__(
        self, imds: Imds, uptime: Callable[[], float] = _uptime, every: float = EVERY
    ) -> None:
        self._imds = imds
        self._uptime = uptime
        self._every = every

    async def name(self) -> str:
        try:
            return await self._tried(lambda: self._imds.get("instance-id")) or made_up()
        except ImdsAway as error:
            logger.warning("EC2 does not tell the instance's id", error=str(error))
            return made_up()

    async def settle(self, shift: Shift) -> None:
        try:
            shift.standby = await self._tried(self._is_on_standby)
        except ImdsAway as error:
            logger.warning("EC2 does not tell the instance's tags; working", error=str(error))
            shift.standby = False

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
            try:
                on_standby = await self._is_on_standby()
            except ImdsAway:
                continue
            if not on_standby:
                logger.info("activated", tag=ACTIVE_TAG)
                shift.activate()

    async def _is_on_standby(self) -> bool:
        return await self._imds.get(TAG) == "no"

    async def _tried(self, ask: Callable[[], Awaitable[R]]) -> R:
        for _ in range(TRIES - 1):
            try:
                return await ask()
            except ImdsAway:
                await asyncio.sleep(PAUSE)
        return await ask()
