"""Single jobs over two replicas, a real queue and a real store; and what becomes of what SQS gives up."""

import asyncio
import json

import httpx
import pytest

from tests.integration.api.conftest import NAMES, PATIENCE, seen
from wire.messages import Job

FINAL = ("succeeded", "failed", "canceled", "expired")


@pytest.fixture
async def replicas(start):
    """Two of them, each with a client."""
    both = [start(), start()]
    clients = []
    for api in both:
        await api.ready()
        clients.append(httpx.AsyncClient(base_url=api.url, timeout=PATIENCE))
    yield clients
    for client in clients:
        await client.aclose()


async def until(check):
    async with asyncio.timeout(PATIENCE):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def ended(client, where):
    async with asyncio.timeout(PATIENCE):
        while (found := (await client.get(where)).json())["status"] not in FINAL:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


async def test_whichever_replica_is_asked_a_job_is_the_same(replicas, worker):
    one, other = replicas
    worker.silent = True
    worker.verdict = lambda job: seen(job).model_copy(update={"order": job.order})
    cat, dog = ({"imageUrl": f"https://example.com/{name}.jpg"} for name in ("cat", "dog"))

    keyed = {"Idempotency-Key": "once"}
    first = await one.post("/jobs", json=cat, headers=keyed)
    again = await other.post("/jobs", json=cat, headers=keyed)
    assert first.status_code == 202
    assert again.json()["uuid"] == first.json()["uuid"]
    assert again.headers["idempotency-replayed"] == "true"
    assert code(await other.post("/jobs", json=dog, headers=keyed)) == (422, "idempotency_mismatch")
    named = [await client.post("/jobs", json=cat | {"id": "order-1"}) for client in replicas]
    assert named[0].json()["uuid"] == named[1].json()["uuid"]
    assert code(await other.post("/jobs", json=dog | {"id": "order-1"})) == (409, "job_exists")

    # What was sent twice, by replicas that do not know of each other, are two messages of one job.
    asked = {first.json()["uuid"], named[0].json()["uuid"]}
    await until(lambda: {job.uuid for job in worker.jobs} == asked)
    for client in replicas:
        assert code(await client.post("/jobs/order-1/retry")) == (409, "job_unfinished")
    assert (await other.post("/jobs/order-1/cancel")).json()["status"] == "canceled"
    (late, *_) = [job for job in worker.jobs if job.uuid == named[0].json()["uuid"]]
    await worker.answer(late)
    for client in replicas:
        found = (await client.get("/jobs/order-1")).json()
        assert (found["status"], found["error"]["code"]) == ("canceled", "job_canceled")

    worker.silent = False
    retried = [(await client.post("/jobs/order-1/retry")).json() for client in replicas]
    assert retried[0]["uuid"] == retried[1]["uuid"] not in asked
    told = await ended(other, f"/jobs/{retried[0]['uuid']}")
    assert (told["status"], told["retryOf"]) == ("succeeded", named[0].json()["uuid"])
    assert (await one.get(f"/jobs/{told['uuid']}")).json() == told

    assert (await one.delete("/jobs/order-1")).status_code == 204
    for client in replicas:
        assert code(await client.get("/jobs/order-1")) == (404, "job_not_found")
        assert code(await client.post("/jobs", json=cat | {"id": "order-1"})) == (409, "job_exists")


async def test_what_sqs_gives_up_has_failed_long_before_its_deadline(replicas, account):
    one, other = replicas
    queues, _ = account
    urls = [f"https://example.com/{row}.jpg" for row in range(3)]
    bulk = (await one.post("/jobs", json=urls)).json()["uuid"]
    single = (await one.post("/jobs", json={"imageUrl": urls[0]})).json()["uuid"]
    doomed = {f"{bulk}-1", single}
    requests = await queues.open(NAMES.requests)

    async def handed_out() -> None:
        """Workers go, again and again, with these two in hand."""
        while True:
            for each in await requests.receive(10, 1):
                job = Job.decode(each.body)
                if job.uuid in doomed:
                    await requests.extend(each.receipt, 0)
                    continue
                answer = seen(job).model_copy(update={"order": job.order})
                await (await queues.open(job.reply_to)).send(answer.encode())
                await requests.delete(each.receipt)

    working = asyncio.create_task(handed_out())
    told, alone = await ended(other, f"/jobs/{bulk}"), await ended(other, f"/jobs/{single}")
    working.cancel()
    assert (told["status"], told["succeeded"], told["failed"]) == ("succeeded", 2, 1)
    lines = (await one.get(f"/jobs/{bulk}/results")).text.splitlines()
    assert json.loads(lines[1])["error"]["code"] == "worker_crashed"
    assert (alone["status"], alone["error"]["code"]) == ("failed", "worker_crashed")
    # Both lie where the operator finds them, and nothing else does.
    dead, found = await queues.open(NAMES.dead_letter), set()
    async with asyncio.timeout(PATIENCE):
        while found != doomed:
            found |= {Job.decode(each.body).uuid for each in await dead.receive(10, 1)}
