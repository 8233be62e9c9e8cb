"""Keeps the ledger in S3: at once when somebody came, got ready or went, and at every heartbeat.

At most once a tick: 0.43 $ a month when nothing happens (every 30 s), 2.59 $ when something does on every
tick (5 $ per million PUTs, us-east-1 list price as remembered in the design).
"""

import asyncio
from collections.abc import Callable

from balancer.saved import Saved, read
from wire import log
from wire.ledger import KEY as KEY
from wire.store import Kept, Store

_log = log.get(__name__)

ATTEMPTS = 3


class Keeper:
    """Writes what it was given last. A deposed leader's ledger never replaces its successor's.

    Args:
        store: where it is kept.
        every: seconds after which it is written though nothing changed.
        clock: monotonic seconds.
    """

    def __init__(self, store: Store, every: float, clock: Callable[[], float]) -> None:
        self._store = store
        self._every = every
        self._clock = clock
        self._etag: str | None = None
        self._theirs = 0
        self._saved: Saved | None = None
        self._mark: object = None
        self._written: object = None
        self._written_at = float("-inf")

    async def load(self) -> Kept | None:
        """What was kept, and from now on what is replaced.

        Raises:
            QueueUnavailable: S3 cannot be reached.
        """
        kept = await self._store.read(KEY)
        self._etag = None if kept is None else kept.etag
        self._theirs = _epoch(kept)
        return kept

    async def epoch(self) -> int:
        """Of the balancer that wrote it last; 0 when there is none."""
        return _epoch(await self._store.read(KEY))

    def wants(self, mark: object) -> bool:
        """Whether a ledger should be given and written now; `mark` differs when it says something new."""
        return mark != self._written or self._clock() - self._written_at >= self._every

    def give(self, saved: Saved, mark: object) -> None:
        """Have it written next."""
        self._saved, self._mark = saved, mark

    async def write(self) -> None:
        """Write what was given, if anything was.

        Raises:
            QueueUnavailable: S3 cannot be reached; it waits for the next call, or for a newer one.
        """
        saved, mark = self._saved, self._mark
        if saved is None:
            return
        data = await asyncio.to_thread(lambda: saved.encode().encode())
        for _ in range(ATTEMPTS):
            if self._theirs > saved.epoch:
                _log.warning(
                    "ledger left to its new keeper", epoch=saved.epoch, theirs=self._theirs
                )
                self._saved = None
                return
            etag = await self._store.replace(KEY, data, self._etag)
            if etag is not None:
                self._etag, self._written, self._written_at = etag, mark, self._clock()
                if self._saved is saved:
                    self._saved = None
                return
            await self.load()


def _epoch(kept: Kept | None) -> int:
    saved = None if kept is None else read(kept)
    return 0 if saved is None else saved.epoch
