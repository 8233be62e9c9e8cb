"""Which jobs workers have in hand, as they say themselves: one look for all who ask, in 2 seconds at most."""

import asyncio
import time
from collections.abc import Callable

from wire import log
from wire.messages import Undecodable
from wire.names import WORKING
from wire.store import Store
from wire.working import STALE, InHand

FRESH = 2.0  # seconds
PATIENCE = 2.0  # seconds that a look may take
MOST = 64  # workers that are looked at
LISTED = 1000  # workers that are known of: as many as one call lists
_log = log.get(__name__)


class Running:
    """Looks when it is asked and the last look is old.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._jobs: frozenset[str] = frozenset()
        self._stale: dict[str, float] = {}  # when each that is not believed was last read
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def has(self, uuid: str) -> bool:
        """Whether some worker has this job. What cannot be read is taken for nobody's."""
        async with self._looking:
            if self._clock() - self._looked_at >= FRESH:
                try:
                    async with asyncio.timeout(PATIENCE):
                        self._jobs = await self._look()
                except Exception as error:
                    reason = repr(error.__cause__ or error)
                    _log.warning("what is in hand is not known", reason=reason)
                self._looked_at = self._clock()
        return uuid in self._jobs

    async def _look(self) -> frozenset[str]:
        # What workers that were killed have left lies there for a day. It is looked at last, in turns.
        keys = await self._store.keys(WORKING, LISTED)
        self._stale = {key: self._stale[key] for key in keys if key in self._stale}
        keys.sort(key=lambda key: self._stale.get(key, float("-inf")))
        told = await asyncio.gather(*(self._told(key) for key in keys[:MOST]))
        return frozenset(job for jobs in told for job in jobs)

    async def _told(self, key: str) -> tuple[str, ...]:
        kept = await self._store.read(key)
        if kept is None or kept.age > STALE:
            self._stale[key] = self._clock()
            return ()
        self._stale.pop(key, None)
        try:
            return InHand.decode(kept.data).jobs
        except Undecodable:
            return ()
