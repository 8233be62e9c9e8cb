"""What goes on beside a run, and what is waited for after it."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from bench.soak import remains

SETTLING = 180.0  # seconds for the queues to run empty, with time-outs, after the last verdict
STORED = 2.0  # seconds; a record is stored up to one second after its answer


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something while the block runs; raises what it raised."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


async def drained(queues: str, but: tuple[str, ...] = ()) -> dict[str, int]:
    """Wait for empty queues; what is left in them when that takes too long.

    Args:
        queues: their URL.
        but: how the names of those end that need not be empty.
    """
    end = time.monotonic() + SETTLING
    while True:
        found = await asyncio.to_thread(remains.left, queues)
        left = {name: count for name, count in found.items() if not name.endswith(but)}
        if not left or time.monotonic() > end:
            return left
        await asyncio.sleep(0.5)
