"""The index of models in the store: read again and again for little, written over nothing unread."""

import asyncio
import time
from collections.abc import Callable

from botocore.exceptions import ClientError

from wire import change as change_of
from wire import log
from wire.errors import QueueUnavailable
from wire.index import KEY, Index, IndexRefused
from wire.messages import Undecodable
from wire.store import Store

CONTESTED = "Others change the index at the same time: nothing was changed. Try again."
EVERY = 10.0  # seconds: 8 640 reads a day of each process, 0.4 cents
OFTEN = 1.0  # seconds between reads that somebody waits for

Change = Callable[[Index], Index]
logger = log.get("models")


async def changed(store: Store, change: Change) -> Index:
    """The index after a change, as `wire.change` makes it.

    Raises:
        IndexRefused: the change cannot be made, or others are always faster.
        Undecodable: the index cannot be read: a newer version wrote it.
        QueueUnavailable: the store cannot be reached.
    """
    try:
        return await change_of.changed(store, KEY, Index.read, change)
    except change_of.Contested:
        raise IndexRefused(CONTESTED) from None


class IndexCopy:
    """A process's copy of the index, as it was read last: an outage of the store changes nothing.

    Args:
        store: where it is.
        clock: monotonic seconds.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._etag: str | None = None
        self._asked = -OFTEN
        self._failing = False
        self._reading = asyncio.Lock()
        self.index = Index()
        self.known = False

    async def read(self) -> bool:
        """Read once; whether it differs from the copy."""
        async with self._reading:
            self._asked = self._clock()
            try:
                there = await self._store.read_newer(KEY, self._etag)
                index = None if there is None else Index.read(there.data or None)
            # A bucket that is not there yet, a document of a newer version, whatever it is: the copy holds.
            except (QueueUnavailable, ClientError, Undecodable) as error:
                self._complain(error)
                return False
            self.known, self._failing = True, False
            if there is None or index is None:
                return False
            self._etag = there.etag or None
            fresh, self.index = index != self.index, index
            return fresh

    def hold(self, index: Index) -> None:
        """What this process has just written, or learned in writing."""
        self._etag, self.index, self.known = None, index, True

    async def read_soon(self) -> bool:
        """The same for somebody who waits, once a second at most."""
        if self._clock() - self._asked < OFTEN:
            return False
        return await self.read()

    def _complain(self, error: Exception) -> None:
        if not self._failing:
            reason = repr(error.__cause__ or error)
            logger.warning("the index of models was not read", error=reason, copy_holds=self.known)
        self._failing = True
