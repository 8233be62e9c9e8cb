"""Several replicas, and more chores than jobs: each end is told once."""

import asyncio
from collections import Counter

import pytest

from tests.integration.api.conftest import seen
from tests.receiver import Receiver, signed
from wire.hook_secrets import KEY, HookSecrets, made, rotated
from wire.names import QueueNames

JOBS = 12


@pytest.fixture
def receiver():
    served = Receiver(**{f"j{at}": [503] for at in range(0, JOBS, 3)})
    yield served
    served.close()


async def test_replicas_that_race_tell_each_end_once(
    account, worker, start, http, receiver, eventually
):
    queues, store = account
    secret = made(0.0)
    secrets = rotated(HookSecrets(), "", secret, 0.0, 0.0)
    await store.put(KEY, secrets.encode().encode())
    worker.verdict = lambda job: seen(job).model_copy(update={"order": job.order, "hook": job.hook})
    settings = {"webhook_allow": receiver.host, "webhook_pause": 0.1}
    apis = [start(**settings) for _ in range(3)]
    await asyncio.gather(*(api.ready() for api in apis))

    async def ask(at):
        wanted = {
            "imageUrl": f"https://example.com/{at}.jpg",
            "webhook": {"url": receiver.url(f"j{at}")},
        }
        answer = await http.post(f"{apis[at % 3].url}/jobs", json=wanted)
        assert answer.status_code == 202
        return answer.json()["uuid"]

    ids = await asyncio.gather(*map(ask, range(JOBS)))
    await eventually(lambda: len(worker.jobs) == JOBS)
    # As a worker does that was killed between its reply and its delete, twice.
    outcomes = await queues.open(QueueNames("classifycloud").outcomes)
    for job in worker.jobs:
        await outcomes.send_many([worker.verdict(job).encode()] * 2)
    await eventually(lambda: all(receiver.told(f"j{at}") for at in range(JOBS)))
    chores = await queues.open(QueueNames("classifycloud").chores)
    async with asyncio.timeout(60):
        while any(counted(await outcomes.depth()) + counted(await chores.depth())):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    took = Counter(each.path for each in receiver.came if each.answered == 204)
    assert took == {f"/j{at}": 1 for at in range(JOBS)}
    assert len(receiver.came) == JOBS + JOBS // 3
    for at, uuid in enumerate(ids):
        for came in receiver.at(f"j{at}"):
            assert came.headers["webhook-id"] == f"{uuid}.succeeded"
            assert signed(secret.text, came)


def counted(depth):
    return [depth.visible, depth.in_flight, depth.delayed]
