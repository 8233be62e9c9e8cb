"""Which message took a worker along: a note in the store while a suspect is worked alone.

SQS hands out ten messages at once, so that several suspects of one crash come into one hand, and a
count of receives alone cannot tell the one that kills workers from those that were only held beside
it. The note can: whoever is received again with its note still there was being worked alone.
"""

from wire.names import suspect_key
from wire.store import Store


class Suspicion:
    """Notes, one for each suspect, for as long as it is worked.

    Every call raises QueueUnavailable when the store cannot be reached.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, uuid: str) -> None:
        """The suspect's work begins."""
        await self._store.put(suspect_key(uuid), b"{}")

    async def lift(self, uuid: str) -> None:
        """It did no harm."""
        await self._store.delete(suspect_key(uuid))

    async def confirmed(self, uuid: str) -> bool:
        """Whether its last worker never came to the end of it."""
        return await self._store.get(suspect_key(uuid)) is not None
