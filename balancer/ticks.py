"""A steady beat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from math import ceil


async def ticks(period: float, stop: asyncio.Event) -> AsyncIterator[int]:
    """Count 0, 1, 2, … every `period` seconds from now until `stop`.

    The beat does not drift, and beats that a slow body swallowed are skipped, not made up for.
    """
    loop = asyncio.get_running_loop()
    start = loop.time()
    number = 0
    while not stop.is_set():
        yield number
        number = max(number + 1, ceil((loop.time() - start) / period))
        with suppress(TimeoutError):
            async with asyncio.timeout_at(start + number * period):
                await stop.wait()
