"""kill -9 of each part in turn, midway: every client that is still there gets exactly one verdict."""

import asyncio
import os
import signal
from collections import Counter

import httpx
import pytest

from tests.service import Origin, service, wait_until

pytestmark = pytest.mark.acceptance

# A killed worker's messages show again after the visibility time-out; 30 s would make a slow test.
QUICK = {"visibility": "5", "tick": "1", "wait": "60"}


@pytest.fixture
def slow(photos):
    """An origin that takes its time, so that a kill finds jobs midway."""
    served = Origin(photos[0].parent, delay=1.0)
    yield served
    served.close()


@pytest.fixture
def slower(photos):
    """One that takes longer than forty jobs take to be sent."""
    served = Origin(photos[0].parent, delay=4.0)
    yield served
    served.close()


async def ask(running, urls):
    """All at once; the answers in order, None where the connection broke."""
    async with httpx.AsyncClient(timeout=90, limits=httpx.Limits(max_connections=100)) as client:

        async def one(url):
            try:
                return await client.get(f"{running.url}/classify", params={"url": url})
            except httpx.TransportError:
                return None

        return await asyncio.gather(*(one(url) for url in urls))


async def ask_and_kill(running, slow, photos, module, sig=signal.SIGKILL, sent=0):
    """Ask for forty, kill a part when the first pictures are being fetched, give the answers.

    Not before so many jobs are in the queue: what was not sent when the front end died is nobody's.
    """
    asking = asyncio.create_task(ask(running, [slow.url(photo.name) for photo in photos]))

    def midway():
        return len(slow.hits) >= 3 and (not sent or running.depth("requests") >= sent)

    await asyncio.to_thread(wait_until, midway, 30, "nothing is fetched")
    pid = running.pids(module)[0]
    os.kill(pid, sig)
    return pid, await asking


def settled(running):
    return running.depth("requests") == 0


@pytest.mark.parametrize("module", ["worker", "balancer", "local.sqs", "local.storage"])
async def test_a_killed_part_costs_no_answer(tmp_path, slow, photos, module):
    with service(tmp_path / "data", fetch_allow=slow.host, **QUICK) as running:
        running.wait_ready(workers=1)
        pid, answers = await ask_and_kill(running, slow, photos, module)
        assert Counter(answer.status_code for answer in answers if answer) == {200: 40}
        wait_until(lambda: settled(running), 30, "jobs are left in the queue")
        wait_until(
            lambda: (
                {answer.json()["uuid"] for answer in answers}
                <= {record["uuid"] for record in running.records()}
            ),
            10,
            "an answer left no record",
        )
        assert running.depth("dead-letter") == 0
        wait_until(lambda: running.pids(module), 30, f"{module} was not started again")
        assert pid not in running.pids(module)


async def test_a_killed_api_leaves_no_queue_and_no_message(tmp_path, slower, photos):
    with service(
        tmp_path / "data", fetch_allow=slower.host, reap_after="8", heartbeat="2", **QUICK
    ) as running:
        running.wait_ready(workers=1)
        (before,) = [name for name in running.queues() if "-responses-" in name]
        _, answers = await ask_and_kill(running, slower, photos, "api", sent=40)
        assert answers == [None] * 40
        running.wait_ready(workers=1)
        answers = await ask(running, [slower.url(photos[0].name)])
        assert answers[0].status_code == 200
        wait_until(lambda: settled(running), 60, "jobs are left in the queue")
        wait_until(lambda: before not in running.queues(), 90, "the dead replica's queue stays")
        records = {record["uuid"] for record in running.records()}
        assert len(records) == 41
        found = running.s3().list_objects_v2(Bucket="classifycloud", Prefix="results/")
        kept = {row["Key"].split("/")[1].removesuffix(".json") for row in found.get("Contents", [])}
        assert kept <= records
        for uuid in kept:
            assert running.get(f"/jobs/{uuid}") == 200


async def test_an_api_told_to_go_answers_everybody(tmp_path, slow, photos):
    settings = {**QUICK, "drain_grace": "1", "reap_after": "600"}
    with service(tmp_path / "data", fetch_allow=slow.host, **settings) as running:
        running.wait_ready(workers=1)
        _, answers = await ask_and_kill(running, slow, photos, "api", signal.SIGTERM)
        counts = Counter(answer.status_code for answer in answers if answer)
        assert counts.total() == 40
        assert set(counts) <= {200, 503}
        left = [answer.json()["error"]["job"] for answer in answers if answer.status_code == 503]
        assert left, "every job was done before the signal: nothing was tested"
        running.wait_ready(workers=1)
        wait_until(lambda: settled(running), 60, "jobs are left in the queue")
        for uuid in left:
            wait_until(lambda uuid=uuid: fetched(running, uuid), 30, f"{uuid} cannot be fetched")


async def test_a_late_answer_is_found_by_its_id(tmp_path, slow, photos):
    with service(
        tmp_path / "data", "--min-workers=0", fetch_allow=slow.host, tick="4", wait="1"
    ) as running:
        running.wait_ready()
        (answer,) = await ask(running, [slow.url(photos[0].name)])
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timed_out")
        uuid = answer.json()["error"]["job"]
        wait_until(lambda: fetched(running, uuid), 30, "the late answer is not kept")


def fetched(running, uuid):
    answer = httpx.get(f"{running.url}/jobs/{uuid}", timeout=10)
    assert answer.status_code == 200
    return answer.json()["status"] == "succeeded" and answer.json()["result"]
