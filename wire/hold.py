"""What one command has received of the dead-letter queue: its own until the command lets go.

A look has to receive, and what is received is hidden from others. Let go of after each look it would come
again at the next one, and what lies behind it never.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wire.queues import Queue, Received

HIDDEN = (
    60  # seconds that a receive hides a message; a command that is killed gives it back by them
)
RENEWED = HIDDEN / 3  # seconds between renewals: work on what is held may take as long as it likes
BATCH = 10  # messages of one receive, at most
TOGETHER = 100  # messages that are renewed or given back at a time
WAIT = 1  # seconds for the first message of a receive


class Hold:
    """The messages that are held; none before `kept` and after it."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._receipts: dict[str, str] = {}

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keep what is received in the block from showing, and give back at its end what is still there."""
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])
            await self._extend(0)
            self._receipts.clear()

    async def more(self, most: int) -> list[Received]:
        """Up to `most` messages that are not held yet; none when no further ones come."""
        fresh: dict[str, Received] = {}
        while len(fresh) < most:
            taken = await self._queue.receive(min(BATCH, most - len(fresh)), WAIT)
            unseen = [each for each in taken if each.message_id not in self._receipts]
            self._receipts |= {each.message_id: each.receipt for each in taken}
            if not unseen:
                break
            fresh |= {each.message_id: each for each in unseen}
        return list(fresh.values())

    async def delete(self, received: Received) -> None:
        """Remove a message from the queue."""
        await self._queue.delete(self._receipts.get(received.message_id, received.receipt))
        self._receipts.pop(received.message_id, None)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            await self._extend(HIDDEN)

    async def _extend(self, seconds: int) -> None:
        # What cannot be renewed now is the next time; what cannot be given back shows again by itself.
        receipts = list(self._receipts.values())
        for start in range(0, len(receipts), TOGETHER):
            several = receipts[start : start + TOGETHER]
            calls = [self._queue.extend(receipt, seconds) for receipt in several]
            await asyncio.gather(*calls, return_exceptions=True)
