"""Messages that were received before: each is decoded and classified by itself, under a note.

SQS hands out ten messages at once, so that several suspects of one crash come into one hand, and a
count of receives cannot tell the one that kills workers from those that were only held beside it. The
note can: whoever is received a third time with its note still there was the one at work, and is tried in
a process of its own, for the machine may have killed the worker. Fetching is shared: our own code alone
touches the bytes there, and forty pictures one by one would take a minute.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from wire.names import suspect_key
from wire.store import Store
from worker.gate import Gate
from worker.parcel import Parcel
from worker.patience import insist

R = TypeVar("R")


class Quarantine:
    """Whose turn it is, and who is accused. Every call raises GivenUp when the store stays away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._gate = Gate()

    async def accuses(self, parcel: Parcel) -> bool:
        """Whether the parcel was at work by itself when its last worker went."""
        if not parcel.repeated:
            return False
        return await self._insist(parcel, lambda: self._store.get(_key(parcel))) is not None

    async def forget(self, parcel: Parcel) -> None:
        """Remove the note."""
        await self._insist(parcel, lambda: self._store.delete(_key(parcel)))

    @asynccontextmanager
    async def turn(self, parcel: Parcel) -> AsyncIterator[None]:
        """Work among others, or alone under a note when suspect."""
        if not parcel.suspect:
            async with self._gate.together():
                yield
            return
        async with self._gate.alone():
            if parcel.accused:  # the note that accuses it stays until it is answered
                yield
                return
            await self._insist(parcel, lambda: self._store.put(_key(parcel), b"{}"))
            try:
                yield
            except Exception:  # a picture that fails has harmed nobody
                await self.forget(parcel)
                raise
            await self.forget(parcel)

    async def _insist(self, parcel: Parcel, act: Callable[[], Awaitable[R]]) -> R:
        return await insist(act, parcel.ends, parcel.lease.progress, job=parcel.job.uuid)


def _key(parcel: Parcel) -> str:
    return suspect_key(parcel.job.uuid)
