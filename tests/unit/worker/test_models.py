"""Models are loaded once, kept while they are used, let go of when others are."""

import asyncio
import threading

import pytest

from classifier.errors import BundleBroken, ModelNotFound
from wire.errors import QueueUnavailable
from worker.models import OUTAGE, REST, Models


class Named:
    def __init__(self, name, version):
        self.name, self.version = name, version or "2"


class Shelf:
    def __init__(self):
        self.loads = []

    def __call__(self, name, version):
        if name == "none":
            raise ModelNotFound("no model 'none'; there are: a 2")
        self.loads.append((name, version))
        return Named(name or "default", version)


async def test_a_model_is_loaded_once_even_when_many_ask_at_once():
    shelf = Shelf()
    models = Models(shelf)
    found = await asyncio.gather(*(models.find("a", None) for _ in range(10)))
    assert len(set(map(id, found))) == 1
    assert shelf.loads == [("a", None)]


async def test_the_latest_and_its_number_are_one_network():
    shelf = Shelf()
    models = Models(shelf, most=2)
    assert await models.find("a", None) is await models.find("a", "2")


async def test_a_model_that_was_loaded_at_boot_is_the_default():
    shelf = Shelf()
    models = Models(shelf)
    model = Named("default", "2")
    models.hold(model)
    assert await models.find(None, None) is model
    assert await models.find("default", "2") is model
    assert shelf.loads == []


async def test_the_least_recently_used_goes():
    shelf = Shelf()
    models = Models(shelf, most=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        await models.find(name, None)
    assert [name for name, _ in shelf.loads] == ["a", "b", "c", "b"]


async def test_what_is_missing_is_said_and_may_come_later():
    models = Models(Shelf())
    with pytest.raises(ModelNotFound, match="there are: a 2"):
        await models.find("none", None)
    assert (await models.find("a", None)).name == "a"


async def test_what_could_not_be_loaded_is_not_tried_for_every_picture():
    now, tries = [100.0], []

    def load(name, version):
        tries.append((name, version))
        if len(tries) == 1:
            raise BundleBroken("model.bin differs")
        return Named(name, version)

    models = Models(load, clock=lambda: now[0])
    for _ in range(20):
        with pytest.raises(BundleBroken, match=r"model\.bin differs"):
            await models.find("a", "1")
    assert len(tries) == 1
    now[0] += REST
    assert (await models.find("a", "1")).name == "a"
    assert len(tries) == 2


async def test_an_outage_of_the_store_is_tried_again_soon():
    now, faults = [100.0], [QueueUnavailable()]

    def load(name, version):
        if faults:
            raise faults.pop()
        return Named(name, version)

    models = Models(load, clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(QueueUnavailable):
            await models.find("a", "1")
    now[0] += OUTAGE
    assert (await models.find("a", "1")).name == "a"


async def test_the_least_recently_used_go_until_the_rest_fits():
    shelf, sizes = Shelf(), {"small": 1, "large": 8, "huge": 50}
    models = Models(shelf, most=10, weigh=lambda model, _: sizes[model.name])
    for name in ("small", "large", "small", "huge"):
        await models.find(name, None)
    assert models.names() == {"huge"}  # it is asked for, whatever it weighs
    await models.find("small", None)
    assert models.names() == {"small"}
    await models.find("large", None)
    assert models.names() == {"small", "large"}


async def test_a_loaded_model_waits_for_no_other_to_load():
    started, go = threading.Event(), threading.Event()

    def load(name, version):
        if name == "slow":
            started.set()
            assert go.wait(10)
        return Named(name, version)

    models = Models(load)
    await models.find("quick", "1")
    slow = asyncio.create_task(models.find("slow", "1"))
    await asyncio.to_thread(started.wait, 10)
    assert (await models.find("quick", "1")).name == "quick"
    assert not slow.done()
    go.set()
    assert (await slow).name == "slow"
