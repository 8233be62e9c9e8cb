"""The beat keeps its time."""

import asyncio

from balancer.ticks import ticks


async def beats(period: float, works: list[float]) -> list[tuple[int, float]]:
    """Number and time of each beat when its body takes so long."""
    loop = asyncio.get_running_loop()
    start, stop, seen = loop.time(), asyncio.Event(), []
    async for number in ticks(period, stop):
        seen.append((number, loop.time() - start))
        if len(seen) == len(works):
            stop.set()
        await asyncio.sleep(works[len(seen) - 1])
    return seen


async def test_bodies_that_take_a_while_do_not_add_up() -> None:
    seen = await beats(0.05, [0.03] * 6)
    assert [number for number, _ in seen] == [0, 1, 2, 3, 4, 5]
    assert all(at >= number * 0.05 - 0.005 for number, at in seen)
    assert seen[-1][1] < 0.05 * 5 + 0.04  # a beat that slept its period after each body: 0.4 s


async def test_swallowed_beats_are_skipped() -> None:
    seen = await beats(0.05, [0.12, 0.0, 0.0])
    assert [number for number, _ in seen] == [0, 3, 4]


async def test_stop_ends_the_wait_at_once() -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    start = loop.time()
    loop.call_later(0.05, stop.set)
    assert [number async for number in ticks(30.0, stop)] == [0]
    assert loop.time() - start < 5
