"""Look at something again and again, beside what else is done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

LOOK = 0.05  # seconds; what `Witness` and `Census` look for lasts longer


class Watcher(Protocol):
    """Whoever looks."""

    def look(self) -> None:
        """Take one look."""


@asynccontextmanager
async def watching(watcher: Watcher) -> AsyncIterator[None]:
    """Look all the time while the block runs, and once more at its end."""

    async def look() -> None:
        while True:
            watcher.look()
            await asyncio.sleep(LOOK)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        watcher.look()
