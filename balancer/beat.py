"""The balancer's beat: a tick every period, and one early when word comes that somebody waits for nobody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from math import ceil

Word = Callable[[float, asyncio.Event], Awaitable[bool]]
"""Until a time of the event loop, or the event: whether word came that is worth a tick."""


async def beats(period: float, stop: asyncio.Event, word: Word) -> AsyncIterator[None]:
    """Come every `period` seconds from now until `stop`, as `ticks` do, and once early at a word.

    An early one begins the beat anew. The one after it never is early: whoever keeps sending words doubles
    the ticks at most.
    """
    loop = asyncio.get_running_loop()
    start, number, early = loop.time(), 0, False
    while not stop.is_set():
        yield
        number = max(number + 1, ceil((loop.time() - start) / period))
        due = start + number * period
        early = not early and await word(due, stop)
        if early:
            start, number = loop.time(), 0
            continue
        with suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await stop.wait()
