"""Nothing waits for what it does not need: whatever hangs, pictures that are ready go through the engine."""

import asyncio
import itertools
import time

import pytest

from tests.unit.worker.workshop import REPLIES, Workshop

JOBS = [f"a{at}" for at in range(30)]


class Hanging:
    """The first call hangs until the end of the test; all others are as before."""

    def __init__(self, call):
        self._call, self._first = call, True
        self.hangs, self.end = asyncio.Event(), asyncio.Event()

    async def __call__(self, *args, **kwargs):
        if self._first:
            self._first = False
            self.hangs.set()
            await self.end.wait()
        return await self._call(*args, **kwargs)


async def _origin(shop, monkeypatch):
    hanging = Hanging(shop.pictures._download)
    monkeypatch.setattr(shop.pictures, "_download", hanging)
    return hanging


async def _reply(shop, monkeypatch):
    replies = await shop.queues.open(REPLIES)
    hanging = Hanging(replies.send)
    monkeypatch.setattr(replies, "send", hanging)

    async def opened(name, visibility=None):
        return replies

    monkeypatch.setattr(shop.queues, "open", opened)
    return hanging


async def _records(shop, monkeypatch):
    hanging = Hanging(shop.store.put)
    monkeypatch.setattr(shop.store, "put", hanging)
    return hanging


async def _delete(shop, monkeypatch):
    hanging = Hanging(shop.shared.requests.delete)
    monkeypatch.setattr(shop.shared.requests, "delete", hanging)
    return hanging


async def _decoder(shop, monkeypatch):
    hanging = Hanging(shop._decode)
    monkeypatch.setattr(shop.journey._work, "_decode", hanging)
    return hanging


def classified(shop):
    return {picture.decode() for batch in shop.model.batches for picture in batch}


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("hang", [_origin, _decoder, _reply, _records, _delete])
async def test_one_that_hangs_holds_up_nobody_else(hang, monkeypatch):
    shop = await Workshop().open()
    hanging = await hang(shop, monkeypatch)
    for uuid in JOBS:
        await shop.ask(uuid)
    async with shop.working():
        await until(lambda: len(classified(shop)) >= len(JOBS) - 1)
        await asyncio.wait_for(hanging.hangs.wait(), 10)
        hanging.end.set()
        await shop.until_empty()
    assert classified(shop) == set(JOBS)


async def test_pictures_in_hand_go_on_while_nothing_more_comes(monkeypatch):
    shop = await Workshop().open()
    for uuid in JOBS[:10]:
        await shop.ask(uuid)
    first = await shop.shared.requests.receive(10, 0)
    hanging = Hanging(shop.shared.requests.receive)

    async def receive(limit, wait):
        return first[:] if first and not first_taken() else await hanging(limit, wait)

    def first_taken():
        return shop.shift.received

    monkeypatch.setattr(shop.shared.requests, "receive", receive)
    async with shop.working():
        await asyncio.wait_for(hanging.hangs.wait(), 10)
        assert {answer.uuid for answer in await shop.answers(10)} == set(JOBS[:10])
        hanging.end.set()


async def test_while_the_engine_is_busy_the_next_pictures_are_made_ready(monkeypatch):
    shop = await Workshop().open()
    shop.model.hold.clear()
    ready = []
    decode = shop._decode

    async def noting(data, recipe, again):
        picture = await decode(data, recipe, again)
        ready.append(picture.decode())
        return picture

    monkeypatch.setattr(shop.journey._work, "_decode", noting)
    await shop.ask(JOBS[0])
    async with shop.working():
        await until(lambda: shop.model.batches)
        for uuid in JOBS[1:15]:
            await shop.ask(uuid)
        await until(
            lambda: len(ready) == 15
        )  # received, fetched and decoded behind the engine's back
        assert len(shop.model.batches) == 1
        shop.model.hold.set()
        await shop.answers(15)
    assert [len(batch) for batch in shop.model.batches] == [1, 14]


async def test_the_engine_never_idles_while_a_picture_is_ready(monkeypatch):
    """Between two batches there is no more than the way to the loop and back, if one was ready by then."""
    shop = await Workshop(batch=4, delay=0.001).open()
    spans, ready = [], {}
    classify, decode = shop.model.classify, shop._decode

    def slow(pictures, count):
        began = time.monotonic()
        time.sleep(0.05)
        found = classify(pictures, count)
        spans.append((began, time.monotonic(), [each.decode() for each in pictures]))
        return found

    async def noting(data, recipe, again):
        picture = await decode(data, recipe, again)
        ready[picture.decode()] = time.monotonic()
        return picture

    monkeypatch.setattr(shop.model, "classify", slow)
    monkeypatch.setattr(shop.journey._work, "_decode", noting)
    for uuid in JOBS:
        await shop.ask(uuid)
    async with shop.working():
        await shop.answers(len(JOBS))
    idle = [
        after[0] - max(before[1], min(ready[uuid] for uuid in after[2]))
        for before, after in itertools.pairwise(spans)
    ]
    busy = sum(end - began for began, end, _ in spans)
    assert len(spans) >= 8
    assert sum(idle) < 0.5 * busy
