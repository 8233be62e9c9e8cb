"""Jobs of those who wait a while, and of those who follow them."""

import asyncio
import json

from tests.unit.api.jobs.conftest import Pair

CAT = {"imageUrl": "https://example.com/cat.jpg"}
PIXELS = b"these are no pixels"


async def test_preferring_not_to_wait(pair) -> None:
    url = {"url": CAT["imageUrl"]}
    asked = await pair.one.get("/classify", params=url, headers={"Prefer": "respond-async"})
    assert asked.status_code == 202
    assert asked.headers["preference-applied"] == "respond-async"
    await pair.work()
    found = await pair.other.get(asked.headers["location"])
    assert found.json()["status"] == "succeeded"
    bytes_ = await pair.one.post(
        "/classify",
        content=PIXELS,
        headers={"Prefer": "respond-async", "Content-Type": "image/png"},
    )
    assert bytes_.status_code == 202


async def test_preferring_to_wait_a_while(pair) -> None:
    url, headers = {"url": CAT["imageUrl"]}, {"Prefer": "wait=1, respond-async"}
    waits = asyncio.create_task(
        pair.one.get("/classify", params=url, headers={"Prefer": "wait=20"})
    )
    async with asyncio.timeout(5):
        while not await pair.work():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    answer = await waits
    assert (answer.status_code, answer.json()["result"]) == (200, "thing 0")
    assert answer.headers["preference-applied"] == "wait=20"
    assert "order" not in answer.json()

    late = await pair.one.get("/classify", params=url, headers=headers)
    assert (late.status_code, late.json()["status"]) == (202, "queued")
    assert late.headers["preference-applied"] == "respond-async, wait=1"
    await pair.work()
    found = await pair.other.get(late.headers["location"])
    assert found.json()["status"] == "succeeded"


async def test_a_replica_that_goes_sends_who_waits_to_its_job(deployment) -> None:
    one, other = await deployment.replica(drain_grace=0.1), await deployment.replica()
    waits = asyncio.create_task(
        one.http.get("/classify", params={"url": CAT["imageUrl"]}, headers={"Prefer": "wait=20"})
    )
    async with asyncio.timeout(5):
        while not len(one.replica.pending):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await one.stop()
    told = await waits
    assert told.status_code == 202
    await Pair(deployment, one, other).work()
    found = await other.http.get(told.headers["location"])
    assert found.json()["status"] == "succeeded"


async def events(client, where: str, **headers: str) -> list[tuple[str, dict]]:
    """All events of a stream up to its end."""
    async with asyncio.timeout(10):
        answer = await client.get(f"{where}/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block.splitlines() for block in answer.text.split("\n\n") if "data: " in block]
    return [
        (lines[0].removeprefix("id: "), json.loads(lines[1].removeprefix("data: ")))
        for lines in blocks
    ]


async def test_states_are_told_as_they_come_up_to_the_last(pair) -> None:
    where = (await pair.one.post("/jobs", json=CAT)).headers["location"]
    streams = [
        asyncio.create_task(events(each, where)) for each in (pair.one, pair.other, pair.other)
    ]
    await asyncio.sleep(1.0)
    await pair.work()
    for told in await asyncio.gather(*streams):
        assert [(name, job["status"]) for name, job in told] == [
            ("queued", "queued"),
            ("succeeded", "succeeded"),
        ]
        assert told[-1][1]["result"] == "thing 0"
    # Who knew the first state is told the rest; who knew the last is told that there is no more.
    told = await events(pair.other, where, **{"Last-Event-ID": "queued"})
    assert [name for name, _ in told] == ["succeeded"]
    known = {"Last-Event-ID": "succeeded"}
    assert (await pair.one.get(f"{where}/events", headers=known)).status_code == 204


async def test_streams_end_with_their_replica(deployment) -> None:
    one = await deployment.replica()
    where = (await one.http.post("/jobs", json=CAT)).headers["location"]
    stream = asyncio.create_task(events(one.http, where))
    await asyncio.sleep(0.2)
    await one.stop()
    async with asyncio.timeout(3):
        assert [name for name, _ in await stream] == ["queued"]
