"""A worker keeps nothing of a picture once it has been answered, stored and deleted."""

import gc
from collections import deque

from tests.unit.worker.workshop import Workshop
from wire.errors import FetchTimeout, TooManyRedirects
from worker.seen import SeenPictures

ROUND = 200  # pictures, each of a host of its own, a tenth of which fail
WARM, ROUNDS, ATTEMPTS = 2, 5, 2
REMEMBERED = 50
COLLECTIONS = (dict, list, set, frozenset, deque)


async def work(shop: Workshop, start: int) -> None:
    """One round, and nothing left of it but what the worker itself keeps."""
    for at in range(start, start + ROUND, 10):
        for number in range(at, at + 10):
            address = f"http://host-{number}.test/{number}"
            if number % 20 == 7:
                shop.pages[address] = TooManyRedirects()
            if number % 20 == 13:
                shop.pages[address] = FetchTimeout()
            await shop.ask(f"job-{number}", image_url=address, top=1 + number % 3)
        await shop.answers(10)
    await shop.until_empty()
    forget(shop)


def forget(shop: Workshop) -> None:
    """What the workshop, its queues and its store note down for tests."""
    for notes in (shop.effects, shop.fetched, shop.pages, shop.model.batches, shop.left):
        notes.clear()
    shop.store._objects.clear()
    shop.tally.service_seconds()  # as every report asks


def kept() -> int:
    """Objects that are alive, but for texts and numbers, and what lies in every collection, they included."""
    gc.collect()
    alive = gc.get_objects()
    return len(alive) + sum(len(each) for each in alive if isinstance(each, COLLECTIONS))


async def left_by(shop: Workshop, first: int) -> int:
    """How much more is alive after some rounds."""
    before = kept()
    for number in range(first, first + ROUNDS):
        await work(shop, number * ROUND)
    return kept() - before


async def test_a_thousand_pictures_leave_less_than_a_thing_for_every_five() -> None:
    shop = await Workshop(seen=SeenPictures(REMEMBERED), record_seconds=0.001).open()
    async with shop.working():
        for number in range(WARM):  # connections, and caches with a bound, are full
            await work(shop, number * ROUND)
        # What is kept of pictures is kept every time; what else this process does it does once.
        more = [await left_by(shop, WARM + ROUNDS * attempt) for attempt in range(ATTEMPTS)]
    assert len(shop.seen) == REMEMBERED
    assert min(more) < ROUND, more
