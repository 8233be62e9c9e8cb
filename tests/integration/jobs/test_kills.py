"""Asynchronous jobs of two replicas and a worker, all of them processes, any of which may be killed."""

import asyncio
import json

import pytest

pytestmark = pytest.mark.timeout(300)


async def followed(client, where: str) -> list[str]:
    """The states that a job's stream tells, up to its end."""
    states = []
    async with client.stream("GET", f"{where}/events") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                states.append(json.loads(line.removeprefix("data: "))["status"])
    return states


async def test_a_replica_and_a_worker_are_killed_and_no_job_with_them(deployment) -> None:
    bench, origin = deployment.bench, deployment.bench.origin
    one, other = await asyncio.gather(deployment.replica(), deployment.replica())

    # Canceled before there is a worker: nobody fetches its picture.
    asked = await one.post("/jobs", json={"imageUrl": origin.url("a.jpg"), "id": "a"})
    assert asked.status_code == 202
    assert asked.json()["position"] == 0
    canceled = await other.post("/jobs/a/cancel")
    assert canceled.json()["status"] == "canceled"

    # The replica that took the job dies with its 202.
    where = (await one.post("/jobs", json={"imageUrl": origin.url("b.jpg")})).headers["location"]
    deployment.replicas[0].process.kill()
    origin.delay = 30.0
    first = bench.start(stop_grace=1)
    running = await deployment.until(other, where, "running")
    assert running["imageUrl"] == origin.url("b.jpg")

    # So does the worker that has it in hand; the next one finds it in the queue again.
    first.kill()
    first.wait()
    origin.delay = 0.0
    stream = asyncio.create_task(followed(other, where))
    bench.start()
    found = await deployment.until(other, where, "succeeded", "failed")
    assert found["result"] in {label["name"] for label in found["labels"]}
    assert (await stream)[-1] == "succeeded"

    # A third replica, new, says the same of both.
    third = await deployment.replica()
    assert (await third.get(where)).json()["result"] == found["result"]
    assert (await third.get("/jobs/a")).json()["status"] == "canceled"
    await bench.until_empty()
    assert "/a.jpg" not in origin.hits
    assert origin.hits.count("/b.jpg") == 2

    # Nothing is left to be dealt with, and nothing was set aside.
    for name in (bench.names.outcomes, bench.names.chores):
        queue = await bench.queues.open(name)
        async with asyncio.timeout(30):
            while (depth := await queue.depth()).visible + depth.in_flight:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert (await bench.shared.dead_letter.depth()).visible == 0


async def test_waiting_a_while_and_then_not(deployment) -> None:
    bench, origin = deployment.bench, deployment.bench.origin
    one, other = await asyncio.gather(deployment.replica(), deployment.replica())
    bench.start()
    url = {"url": origin.url("c.jpg")}
    answer = await one.get("/classify", params=url, headers={"Prefer": "wait=60"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "wait=60")
    origin.delay = 3.0
    url = {"url": origin.url("d.jpg")}
    later = await one.get("/classify", params=url, headers={"Prefer": "wait=1"})
    assert (later.status_code, later.headers["preference-applied"]) == (202, "wait=1")
    found = await deployment.until(other, later.headers["location"], "succeeded", "failed")
    assert found["result"] == answer.json()["result"]
    assert origin.hits.count("/d.jpg") == 1
