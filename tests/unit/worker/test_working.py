"""What a worker says that it has in hand is gone when the worker is."""

import asyncio
import contextlib

import pytest

from tests.unit.worker.workshop import Workshop
from wire.names import WORKING
from worker import working
from worker.working import Working


@pytest.fixture
async def shop(monkeypatch):
    """A worker with an asynchronous job in hand that lasts."""
    monkeypatch.setattr(working, "MOMENT", 0.01)
    shop = await Workshop(delay=30.0).open()
    await shop.ask("lasting", order="lasting")
    loop = asyncio.create_task(shop.loop.run())
    yield shop
    loop.cancel()


async def test_a_worker_that_ends_with_a_job_in_hand_leaves_nothing(shop):
    telling = asyncio.create_task(Working(shop.store, shop.shift).run())
    async with asyncio.timeout(5):
        while not await shop.store.keys(WORKING):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    telling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await telling
    assert await shop.store.keys(WORKING) == []
    assert shop.shift.busy == 1


async def test_it_ends_though_the_store_does_not_answer(shop, monkeypatch):
    telling = asyncio.create_task(Working(shop.store, shop.shift).run())
    async with asyncio.timeout(5):
        while not await shop.store.keys(WORKING):  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    async def down(key):
        raise ConnectionError

    monkeypatch.setattr(shop.store, "delete", down)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
