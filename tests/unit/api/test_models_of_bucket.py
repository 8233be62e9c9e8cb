"""Models of the bucket: asked for and listed as soon as the index is read, and never waited for."""

import hashlib
import json

import pytest

from api.models import Models
from classifier.catalog import Catalog
from tests.unit.api.test_models import bundle
from wire.errors import ModelNotFound, QueueUnavailable
from wire.index import KEY, Index, Withdrawal, chosen, promoted, published, tried, withdrawn
from wire.memory import MemoryStore


@pytest.fixture
def models(tmp_path):
    bundle(tmp_path / "folder", "small", "1")
    return Models(Catalog(tmp_path / "folder", "small"))


async def filled(store, tmp_path, *changes, versions=("2",), name="small"):
    """The store with a model's versions and an index that was changed so."""
    index = Index()
    for version in versions:
        data = (bundle(tmp_path / "new", name, version) / "manifest.json").read_bytes()
        await store.put(f"models/{name}/{version}/manifest.json", data)
        index = published(index, name, version, hashlib.sha256(data).hexdigest())
    for change in changes:
        index = change(index)
    await store.put(KEY, index.encode().encode())
    return store


async def followed(models, store):
    """Read once."""
    import asyncio

    task = asyncio.create_task(models.follow(store, every=60))
    await asyncio.sleep(0.02)
    task.cancel()


async def shown(models):
    rows = await models.rows()
    return [(row.name, row.version, row.share, row.default) for row in rows]


async def test_what_is_published_is_taken_and_listed(models, tmp_path):
    with pytest.raises(ModelNotFound):
        models.check("large", None)
    await followed(models, await filled(MemoryStore(), tmp_path, name="large"))
    models.check("large", None)
    models.check("large", "2")
    assert await shown(models) == [("large", "2", 1.0, False), ("small", "1", 1.0, True)]


async def test_shares_and_verdicts_are_listed(models, tmp_path):
    gone = Withdrawal(version="3", reason="it is slower", by="w1", at=1.0)
    changes = (
        lambda index: promoted(index, "small", "2", before="1"),
        lambda index: tried(index, "small", "3", 0.2, 1.0),
        lambda index: withdrawn(index, "small", gone),
        lambda index: tried(index, "small", "4", 0.1, 1.0),
        lambda index: chosen(index, "small"),
    )
    store = await filled(MemoryStore(), tmp_path, *changes, versions=("2", "3", "4"))
    await followed(models, store)
    assert await shown(models) == [
        ("small", "1", 0.0, False),
        ("small", "2", 0.9, True),
        ("small", "3", 0.0, False),
        ("small", "4", 0.1, False),
    ]
    assert [row.withdrawn for row in await models.rows()] == [None, None, "it is slower", None]


@pytest.mark.parametrize("damage", [b"{}", b"no json", json.dumps({"models": 7}).encode()])
async def test_a_damaged_manifest_hides_its_version_and_no_other(models, tmp_path, damage):
    store = await filled(MemoryStore(), tmp_path, versions=("2", "3"), name="large")
    await store.put("models/large/2/manifest.json", damage)
    await followed(models, store)
    assert [row[:2] for row in await shown(models)] == [("large", "3"), ("small", "1")]


async def test_without_the_store_the_folder_is_served(models):
    class Dead(MemoryStore):
        async def read_newer(self, key, etag):
            raise QueueUnavailable

    await followed(models, Dead())
    models.check("small", "1")
    assert await shown(models) == [("small", "1", 1.0, True)]


async def test_an_index_of_a_newer_kind_is_left_alone(models):
    store = MemoryStore()
    await store.put(KEY, b'{"schema": 2}')
    await followed(models, store)
    models.check("small", None)


async def test_a_bundle_put_into_the_folder_later_is_found(models, tmp_path):
    bundle(tmp_path / "folder", "late", "1")
    models.check("late", None)
