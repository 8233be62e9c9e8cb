"""Keys while S3 is away: two real replicas, a store that is killed and comes back."""

import asyncio
import time

import httpx
import pytest

from tests.keychain import Keychain
from tests.servers import storage
from wire import keys
from wire.aws import Aws
from wire.store import S3Store

HALTED = 12.0  # seconds: longer than two reads of the keys are apart


@pytest.fixture
async def store(aws, tmp_path, monkeypatch):
    """A store of this test's own, as it is written to and as it is killed."""
    with storage(tmp_path / "own") as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
        calls = Aws("us-east-1")
        bucket = S3Store(calls, "pictures")
        await bucket.ensure_bucket("us-east-1")
        yield server, Keychain(bucket)
        await calls.close()


async def status(http: httpx.AsyncClient, url: str, key: str) -> int:
    return (await http.get(f"{url}/models", headers={"X-API-Key": key})).status_code


async def settled(http: httpx.AsyncClient, url: str, key: str, wanted: int) -> None:
    end = time.monotonic() + 90
    while await status(http, url, key) != wanted:
        assert time.monotonic() < end, f"never {wanted}"
        await asyncio.sleep(0.05)


async def test_a_store_that_is_away_opens_and_closes_nothing(store, start, http) -> None:
    server, chain = store
    key, doomed = await chain.add("shop"), await chain.add("leaver")
    apis = [await start(access="keys").ready(), await start(access="keys").ready()]
    for api in apis:
        await settled(http, api.url, key, 200)
    server.kill()
    late = await start(access="keys").listening()
    end = time.monotonic() + HALTED
    while time.monotonic() < end:
        for api in apis:
            assert await status(http, api.url, key) == 200
            assert await status(http, api.url, keys.make()) == 401
        # It has never read any keys: it cannot say that one is wrong.
        assert await status(http, late.url, key) == 503
        assert await status(http, late.url, keys.make()) == 503
        assert (await http.get(f"{late.url}/readyz")).status_code == 503
        await asyncio.sleep(0.25)
    server.restart()
    await chain.revoke("leaver")
    for api in (*apis, late):
        await settled(http, api.url, key, 200)
        await settled(http, api.url, doomed, 401)
        assert await status(http, api.url, key) == 200
