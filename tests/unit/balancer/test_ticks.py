"""The beat keeps its time. Time here is the event loop's, which jumps to whatever is due next."""

import asyncio
import selectors

import pytest

from balancer.ticks import ticks


class Jumping(selectors.SelectSelector):
    """Sleeps no second of real time: what would be slept is added to `now`."""

    now = 1000.0

    def select(self, timeout=None):
        self.now += timeout or 0.0
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = Jumping()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


def beats(period: float, works: list[float]) -> tuple[list[int], list[float]]:
    """Numbers and times of the beats when their bodies take so long."""
    numbers, times = [], []

    async def body() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        start = loop.time()
        async for number in ticks(period, stop):
            numbers.append(number)
            times.append(loop.time() - start)
            await asyncio.sleep(works[len(numbers) - 1])
            if len(numbers) == len(works):
                stop.set()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(body())
    return numbers, times


def test_bodies_that_take_a_while_do_not_add_up() -> None:
    numbers, times = beats(5.0, [3.0, 0.5, 4.9] * 40)
    assert numbers == list(range(120))
    assert times == pytest.approx([5.0 * number for number in numbers], abs=1e-6)


def test_swallowed_beats_are_skipped_not_made_up_for() -> None:
    numbers, times = beats(5.0, [12.0, 0.0, 5.5, 0.0])
    assert numbers == [0, 3, 4, 6]
    assert times == pytest.approx([0.0, 15.0, 20.0, 30.0])


async def test_stop_ends_the_wait_at_once() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    async with asyncio.timeout(10):
        assert [number async for number in ticks(3600.0, stop)] == [0]
