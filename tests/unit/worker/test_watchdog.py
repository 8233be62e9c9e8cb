"""A thread that hangs ends the worker; slow ones, many short ones and a stopped process do not."""

import asyncio
import contextlib

import pytest

from tests.unit.worker.workshop import Workshop
from worker.watchdog import EVERY, HUNG, LIMIT, Watchdog

LOOKS = int(LIMIT / EVERY)


class Sleeps:
    """Time that passes when a test says so."""

    def __init__(self):
        self.asked = []
        self._over = asyncio.Event()

    async def __call__(self, seconds):
        self.asked.append(seconds)
        self._over.clear()
        await self._over.wait()

    async def pass_by(self, times):
        for _ in range(times):
            self._over.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def watching(watchdog):
    task = asyncio.create_task(watchdog.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()


async def test_a_run_may_take_its_time_and_not_more():
    sleeps, left = Sleeps(), []
    watchdog = Watchdog(sleep=sleeps, leave=left.append)
    async with watching(watchdog):
        with watchdog.over("predict", job="a"):
            await sleeps.pass_by(LOOKS)
            assert left == []
            await sleeps.pass_by(1)
            assert left == [HUNG]
    assert set(sleeps.asked) == {EVERY}


async def test_many_short_runs_are_no_long_one():
    sleeps, left = Sleeps(), []
    watchdog = Watchdog(sleep=sleeps, leave=left.append)
    async with watching(watchdog):
        for _ in range(4):
            with watchdog.over("predict"):
                await sleeps.pass_by(LOOKS // 2)
        await sleeps.pass_by(2 * LOOKS)
    assert left == []


async def test_a_run_that_fails_is_over():
    sleeps, left = Sleeps(), []
    watchdog = Watchdog(sleep=sleeps, leave=left.append)
    async with watching(watchdog):
        with pytest.raises(ValueError, match="odd"), watchdog.over("predict"):
            raise ValueError("odd")
        await sleeps.pass_by(2 * LOOKS)
    assert left == []


async def test_a_worker_ends_whose_engine_hangs():
    sleeps = Sleeps()
    shop = await Workshop(sleep=sleeps).open()
    shop.model.hold.clear()
    await shop.ask("a")
    try:
        async with asyncio.timeout(5), shop.working(), watching(shop.watchdog):
            while "predict" not in {run.step for run in shop.watchdog._runs}:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            assert shop.left == []
            await sleeps.pass_by(LOOKS + 1)
            assert shop.left == [HUNG]
            shop.model.hold.set()
    finally:
        shop.model.hold.set()
