"""Batches form of what is there; one bad picture spoils nobody else's answer."""

import asyncio
import contextlib

import pytest

from tests.unit.worker.workshop import NameModel
from worker.batcher import Batcher
from worker.watchdog import Watchdog


@contextlib.asynccontextmanager
async def serving(batcher):
    task = asyncio.create_task(batcher.run())
    try:
        yield
    finally:
        task.cancel()
        batcher.close()


async def names(batcher, model, *pictures, count=1):
    asked = [batcher.classify(model, picture, count) for picture in pictures]
    found = await asyncio.gather(*asked, return_exceptions=True)
    return [
        each if isinstance(each, Exception) else [label.name for label in each.labels]
        for each in found
    ]


async def test_a_lone_picture_starts_at_once():
    model, batcher = NameModel(), Batcher(16, Watchdog())
    async with serving(batcher), asyncio.timeout(1):
        assert await names(batcher, model, b"cat") == [["cat"]]
    assert model.batches == [[b"cat"]]


async def test_what_came_while_the_engine_worked_goes_in_together():
    model, batcher = NameModel(), Batcher(4, Watchdog())
    model.hold.clear()
    async with serving(batcher):
        first = asyncio.create_task(names(batcher, model, b"first"))
        while not model.batches:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        rest = asyncio.create_task(names(batcher, model, *(b"%d" % at for at in range(6))))
        await asyncio.sleep(0.01)
        model.hold.set()
        assert await first == [["first"]]
        assert await rest == [[str(at)] for at in range(6)]
    assert [len(batch) for batch in model.batches] == [1, 4, 2]


async def test_models_are_not_mixed_and_order_is_kept():
    one, two, batcher = NameModel(), NameModel(), Batcher(16, Watchdog())
    asked = [
        asyncio.create_task(batcher.classify(model, picture, 1))
        for model, picture in [(one, b"a"), (two, b"b"), (one, b"c")]
    ]
    await asyncio.sleep(0)
    async with serving(batcher):
        await asyncio.gather(*asked)
    assert one.batches == [[b"a", b"c"]]
    assert two.batches == [[b"b"]]


async def test_each_gets_as_many_labels_as_it_asked_for():
    model, batcher = NameModel(), Batcher(16, Watchdog())
    async with serving(batcher):
        found = await asyncio.gather(
            batcher.classify(model, b"a", 3), batcher.classify(model, b"b", 1)
        )
    assert [len(each.labels) for each in found] == [3, 1]
    assert len(model.batches) == 1


async def test_a_picture_that_breaks_the_engine_fails_by_itself():
    model, batcher = NameModel(), Batcher(16, Watchdog())
    async with serving(batcher):
        good, bad, other = await names(batcher, model, b"a", b"bomb", b"c")
        assert (good, other) == (["a"], ["c"])
        assert isinstance(bad, RuntimeError)
        assert await names(batcher, model, b"after") == [["after"]]


async def test_time_is_the_batch_own():
    model, batcher = NameModel(), Batcher(16, Watchdog())
    async with serving(batcher):
        one, two = await asyncio.gather(
            batcher.classify(model, b"a", 1), batcher.classify(model, b"b", 1)
        )
    assert one.seconds == two.seconds > 0


async def test_who_left_is_not_waited_for():
    model, batcher = NameModel(), Batcher(16, Watchdog())
    leaving = asyncio.create_task(batcher.classify(model, b"gone", 1))
    staying = asyncio.create_task(batcher.classify(model, b"here", 1))
    await asyncio.sleep(0)
    leaving.cancel()
    async with serving(batcher):
        assert (await staying).labels[0].name == "here"
    with pytest.raises(asyncio.CancelledError):
        await leaving
