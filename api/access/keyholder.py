"""This replica's copy of the keys, read again every five seconds: so long a revoked key may still open."""

import asyncio
import math
import time
from collections.abc import Callable

from api.access.known import Known
from wire import log
from wire.keyring import KEY, Keyring
from wire.store import Store

EVERY = 5.0
_log = log.get(__name__)


class Keyholder:
    """Keeps what was read last, for as long as nothing newer can be read.

    An outage of the store neither opens the door nor shuts out those whose keys are known; what expires
    meanwhile expires, what is revoked meanwhile is not heard of.

    Args:
        store: where the keys are.
        every: seconds between reads.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        store: Store,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._read_at = -math.inf
        self._store = store
        self._every = every
        self._data: bytes | None = None
        self._failing = False
        self.known: Known | None = None

    async def run(self) -> None:
        """Read again and again, until canceled."""
        while True:
            await self.read()
            await asyncio.sleep(self._every)

    async def read(self) -> None:
        """Read once. A read that hangs is waited for: each takes a thread, and there are few of them."""
        try:
            self._adopt(await self._store.get(KEY))
        # Whatever it is: were this loop to end, a revoked key would open for ever.
        except Exception as error:
            self._complain(error)
        else:
            self._read_at, self._failing = self._clock(), False

    def age(self) -> float:
        """Seconds since they were last read; infinity when they never were."""
        return self._clock() - self._read_at

    def _adopt(self, data: bytes | None) -> None:
        if self.known is None or data != self._data:
            self.known = Known(Keyring.read(data))
            self._data = data
            _log.info("keys read", bytes=len(data or b""))

    def _complain(self, error: Exception) -> None:
        if not self._failing:
            reason = repr(error.__cause__ or error)
            _log.error("keys not read", reason=reason, former_ones_hold=self.known is not None)
        self._failing = True
