"""How fast decoders may follow one another, so that pictures that kill them cannot keep a machine forking."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Throttle:
    """A token bucket.

    Args:
        rate: forks a second in the long run.
        burst: forks at once after a time of rest.
        clock: monotonic seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._sleep = sleep
        self._free = clock() - burst / rate  # when the last token that was taken is paid for

    async def turn(self) -> None:
        """Wait for the next fork's turn."""
        now = self._clock()
        self._free = max(self._free, now - self._burst / self._rate) + 1 / self._rate
        if self._free > now:
            await self._sleep(self._free - now)
