"""One contract, two stores: the local S3 and the twin in memory."""

import asyncio
import uuid

import pytest

from tests.servers import storage_server
from wire.aws import Aws
from wire.memory import MemoryStore
from wire.store import S3Store


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    with storage_server(tmp_path_factory.mktemp("storage")) as url:
        yield url


@pytest.fixture(params=["memory", "s3"])
async def store(request, endpoint, monkeypatch):
    if request.param == "memory":
        yield MemoryStore()
        return
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws = Aws("us-east-1")
    store = S3Store(aws, "contract")
    await store.ensure_bucket("us-east-1")
    await store.ensure_bucket("us-east-1")
    yield store
    await aws.close()


@pytest.fixture
def prefix():
    return f"results/{uuid.uuid4().hex}/"


async def test_what_is_put_is_found(store, prefix):
    await store.put(f"{prefix}a", b'{"a": 1}')
    assert await store.get(f"{prefix}a") == b'{"a": 1}'
    await store.put(f"{prefix}a", b"\x00\xff", "application/octet-stream")
    assert await store.get(f"{prefix}a") == b"\x00\xff"


async def test_what_is_not_there_is_none(store, prefix):
    assert await store.get(f"{prefix}nothing") is None


async def test_a_stretch_ends_where_the_object_does(store, prefix):
    await store.put(f"{prefix}a", b"0123456789", "application/octet-stream")
    assert await store.stretch(f"{prefix}a", 0, 4) == b"0123"
    assert await store.stretch(f"{prefix}a", 8, 4) == b"89"
    assert await store.stretch(f"{prefix}a", 10, 4) == b""
    assert await store.stretch(f"{prefix}nothing", 0, 4) is None


async def test_only_the_first_of_many_writes_a_new_object(store, prefix):
    written = await asyncio.gather(
        *(store.put_new(f"{prefix}once", str(i).encode()) for i in range(8))
    )
    assert sum(written) == 1
    assert await store.get(f"{prefix}once") == str(written.index(True)).encode()
    assert await store.put_new(f"{prefix}once", b"later") is False


async def test_what_is_deleted_is_gone(store, prefix):
    await store.put(f"{prefix}a", b"a")
    await store.delete(f"{prefix}a")
    await store.delete(f"{prefix}a")
    assert await store.get(f"{prefix}a") is None
    assert await store.put_new(f"{prefix}a", b"again") is True


async def test_keys_come_in_order_and_no_more_than_asked(store, prefix):
    for name in ("c", "a", "b"):
        await store.put(f"{prefix}{name}", b"x")
    assert await store.keys(prefix) == [f"{prefix}{name}" for name in "abc"]
    assert await store.keys(prefix, limit=2) == [f"{prefix}a", f"{prefix}b"]
    assert await store.keys(f"{prefix}nothing") == []


async def test_only_what_was_read_is_replaced(store, prefix):
    key = f"{prefix}state"
    assert await store.read(key) is None
    assert await store.replace(key, b"x", '"0123456789abcdef"') is None
    first = await store.replace(key, b"one", None)
    assert first is not None
    assert await store.replace(key, b"other", None) is None
    second = await store.replace(key, b"two", first)
    assert second not in (None, first)
    assert await store.replace(key, b"late", first) is None
    kept = await store.read(key)
    assert (kept.data, kept.etag) == (b"two", second)


async def test_what_was_removed_is_not_replaced(store, prefix):
    etag = await store.replace(f"{prefix}state", b"one", None)
    await store.delete(f"{prefix}state")
    assert await store.replace(f"{prefix}state", b"two", etag) is None
    assert await store.get(f"{prefix}state") is None


async def test_a_write_that_counted_and_is_repeated_is_no_loss(store, prefix):
    # What boto3 does when the answer to a write is lost.
    etag = await store.replace(f"{prefix}state", b"one", None)
    if isinstance(store, S3Store):
        assert await store.replace(f"{prefix}state", b"one", None) == etag


async def test_each_round_of_many_writers_has_one_winner(store, prefix):
    key = f"{prefix}state"
    etag = await store.replace(key, b"start", None)
    for round_ in range(12):
        writes = [f"round {round_} writer {writer}".encode() for writer in range(6)]
        won = await asyncio.gather(*(store.replace(key, data, etag) for data in writes))
        [(number, etag)] = [(i, tag) for i, tag in enumerate(won) if tag is not None]
        kept = await store.read(key)
        assert (kept.data, kept.etag) == (writes[number], etag)


async def test_the_age_is_since_the_last_write(store, prefix):
    await store.put(f"{prefix}state", b"one")
    await asyncio.sleep(1.1)
    old = (await store.read(f"{prefix}state")).age
    assert 0 < old < 60
    await store.put(f"{prefix}state", b"two")
    assert (await store.read(f"{prefix}state")).age < old
