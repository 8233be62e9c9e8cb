"""The beat, and what brings a tick forward. Time is the event loop's, which jumps to whatever is due next."""

import asyncio

import pytest

from balancer.beat import beats
from tests.unit.balancer.test_ticks import JumpingLoop

PERIOD = 5.0


def ticked(words: list[float], until: float) -> list[float]:
    """When there are ticks, of those whose words come at such times."""
    times: list[float] = []

    async def body() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        start = loop.time()
        loop.call_at(start + until, stop.set)

        async def word(due: float, stop: asyncio.Event) -> bool:
            coming = [start + at for at in words if start + at > loop.time()]
            came = bool(coming) and coming[0] < due
            await asyncio.sleep((coming[0] if came else due) - loop.time())
            return came

        async for _ in beats(PERIOD, stop, word):
            times.append(loop.time() - start)

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(body())
    return times


def test_without_a_word_it_is_a_steady_beat() -> None:
    assert ticked([], 16.0) == pytest.approx([0, 5, 10, 15])


def test_a_word_brings_the_next_tick_forward_and_the_beat_goes_on_from_there() -> None:
    assert ticked([6.5], 18.0) == pytest.approx([0, 5, 6.5, 11.5, 16.5])


def test_words_without_end_double_the_ticks_at_most() -> None:
    words = [number / 10 for number in range(1, 1000)]
    times = ticked(words, 60.0)
    assert len(times) <= 2 * 60 / PERIOD + 1
    after_next = zip(times, times[2:], strict=False)
    assert all(later - earlier >= PERIOD for earlier, later in after_next)


async def test_stop_ends_the_listening() -> None:
    stop, listening = asyncio.Event(), asyncio.Event()

    async def word(due: float, stop: asyncio.Event) -> bool:
        listening.set()
        await stop.wait()
        return False

    async def body() -> int:
        return len([None async for _ in beats(3600.0, stop, word)])

    running = asyncio.create_task(body())
    await listening.wait()
    stop.set()
    async with asyncio.timeout(10):
        assert await running == 1
