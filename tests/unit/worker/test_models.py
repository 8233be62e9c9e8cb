"""Models are loaded once, kept while they are used, let go of when others are."""

import asyncio

import pytest

from classifier.errors import ModelNotFound
from worker.models import Models


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
