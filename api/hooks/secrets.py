"""The secrets to sign with, read again every few seconds where somebody asks."""

import time
from collections.abc import Callable

from wire import log
from wire.errors import QueueUnavailable
from wire.hook_secrets import KEY, HookSecrets
from wire.messages import Undecodable
from wire.store import Kept, Store

UNREADABLE = "The secrets of webhooks cannot be read just now; try again."
_log = log.get(__name__)
FRESH = 5.0  # seconds for which what was read is taken as it is


class Secrets:
    """Raises QueueUnavailable where they cannot be read.

    Args:
        clock: monotonic seconds.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._clock = clock
        self._now = now
        self._kept = HookSecrets()
        self._etag: str | None = None
        self._read_at: float | None = None

    async def of(self, client: str) -> list[bytes]:
        """The keys that sign for a client, the newest first; none where it has no secret."""
        await self._read()
        return [each.key() for each in self._kept.live(client, self._now())]

    async def _read(self) -> None:
        if self._read_at is not None and self._clock() - self._read_at < FRESH:
            return
        found = await self._store.read_newer(KEY, self._etag)
        if found is not None:
            self._take(found)
        self._read_at = self._clock()

    def _take(self, found: Kept) -> None:
        try:
            self._kept = HookSecrets.read(found.data or None)
        except Undecodable as error:
            _log.error("the webhooks' secrets cannot be read", key=KEY)
            raise QueueUnavailable(UNREADABLE) from error
        self._etag = found.etag or None
