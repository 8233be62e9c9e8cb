"""Streams end where nobody may follow any more, or nothing is left to be followed."""

import asyncio

import pytest

from api.jobs import follow
from tests.keychain import Keychain

CAT = "https://example.com/cat.jpg"
BODIES = [{"imageUrl": CAT}, [CAT, CAT]]


@pytest.fixture
def hasty(monkeypatch) -> None:
    monkeypatch.setattr(follow, "HEARTBEAT", 0.05)


async def followed(api, body, headers):
    asked = await api.http.post("/jobs", json=body, headers=headers)
    job = f"/jobs/{asked.json()['uuid']}"
    stream = asyncio.create_task(api.http.get(f"{job}/events", headers=headers))
    await asyncio.sleep(0.2)
    assert not stream.done()
    return job, stream


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("body", BODIES)
async def test_a_revoked_key_ends_what_it_opened(deployment, body) -> None:
    keychain = Keychain(deployment.store)
    headers = {"X-API-Key": await keychain.add("ann")}
    api = await deployment.replica(access="keys")
    await api.replica.keys.read()
    _, stream = await followed(api, body, headers)
    await keychain.revoke("ann")
    await api.replica.keys.read()
    async with asyncio.timeout(3):
        assert '"queued"' in (await stream).text


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("body", BODIES)
async def test_a_deleted_job_ends_its_stream(deployment, body) -> None:
    api = await deployment.replica()
    job, stream = await followed(api, body, {})
    assert (await api.http.delete(job)).status_code == 204
    async with asyncio.timeout(5):
        assert (await stream).status_code == 200
    assert not api.replica.jobs.following._jobs
