"""Ordinary parcels are worked together; a suspect is worked when nothing else is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Many at once, or one alone. Whoever is inside when one wants to be alone is waited for.

    A parcel comes here with its picture fetched. One whose origin is slow may come after a suspect that
    was received with it, and waits outside until that one is through; nothing is ever decoded beside it.
    """

    def __init__(self) -> None:
        self._inside = 0
        self._alone = False
        self._moved = asyncio.Condition()

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Among others."""
        if self._alone:
            async with self._moved:
                await self._moved.wait_for(lambda: not self._alone)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                async with self._moved:
                    self._moved.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """With nobody else."""
        async with self._moved:
            await self._moved.wait_for(lambda: not self._alone and not self._inside)
            self._alone = True
        try:
            yield
        finally:
            async with self._moved:
                self._alone = False
                self._moved.notify_all()
