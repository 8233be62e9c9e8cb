"""Requests with an Idempotency-Key that come again, over replicas in memory."""

import asyncio

import pytest
from botocore.exceptions import ClientError

from api.idempotency.claims import Mark
from tests.unit.api.conftest import classified
from wire.errors import Overloaded, QueueUnavailable
from wire.memory import MemoryStore
from wire.messages import Job
from wire.names import result_key, upload_key

KEY = {"Idempotency-Key": "once"}
PICTURE = b"a picture"


def upload(api) -> asyncio.Task:
    return asyncio.create_task(api.http.post("/classify", content=PICTURE, headers=KEY))


def ask(api) -> asyncio.Task:
    params = {"url": "https://example.com/cat.jpg"}
    return asyncio.create_task(api.http.get("/classify", params=params, headers=KEY))


@pytest.fixture
def outage(monkeypatch):
    """Take the queues from a replica; set the event that this gives, and its requests hear so."""

    def begin(api) -> asyncio.Event:
        told = asyncio.Event()

        async def lines(_patience: float) -> None:
            await told.wait()
            raise QueueUnavailable

        monkeypatch.setattr(api.replica.connection, "lines", lines)
        return told

    return begin


async def test_who_could_not_send_a_picture_leaves_it_to_who_does(deployment, outage, until):
    kept: list[list[str]] = []

    def verdict(job: Job):
        kept.append([key for key in deployment.store._objects if key == upload_key(job.uuid)])
        return classified(job)

    one, other = await deployment.replica(), await deployment.replica()
    fails = outage(one)
    first = upload(one)
    await until(lambda: len(one.replica.pending) == 1)
    second = upload(other)
    await until(lambda: len(other.replica.pending) == 1)
    fails.set()
    assert (await first).status_code == 503
    await deployment.worker(verdict)
    assert (await second).status_code == 200
    (job,) = deployment.jobs
    assert kept == [[upload_key(job.uuid)]]


async def test_an_upload_without_a_key_that_is_not_sent_is_not_kept(deployment, outage):
    api = await deployment.replica()
    outage(api).set()
    assert (await api.http.post("/classify", content=PICTURE)).status_code == 503
    assert await deployment.store.keys("uploads/") == []


@pytest.mark.parametrize("begin", [ask, upload])
async def test_a_job_that_had_been_sent_after_all_is_not_sent_again(deployment, outage, begin):
    """SQS took it and the acknowledgement was lost; its answer stands in the store."""
    broken, api = await deployment.replica(), await deployment.replica()
    outage(broken).set()
    assert (await begin(broken)).status_code == 503
    (name,) = await deployment.store.keys("idempotency/")
    uuid = Mark.decode(await deployment.store.get(name)).uuid
    job = Job(uuid=uuid, image_url="https://example.com/cat.jpg", reply_to="r")
    await deployment.store.put(result_key(uuid), classified(job).encode().encode())
    answer = await begin(api)
    assert (answer.status_code, answer.json()["uuid"]) == (200, uuid)
    assert answer.headers["idempotency-replayed"] == "true"
    assert deployment.jobs == []
    assert api.replica.submitter.submitted == 0


class DeniedStore(MemoryStore):
    """Lets keys be claimed and then forbids to write: the role was changed."""

    denied = False

    async def replace(self, key, data, etag, content_type="application/json"):
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
        return await super().replace(key, data, etag, content_type)


async def test_a_mark_that_cannot_be_written_takes_no_answer_s_place(deployment, monkeypatch):
    deployment.store = DeniedStore()
    api = await deployment.replica()

    async def full(*_args):
        deployment.store.denied = True
        raise Overloaded

    monkeypatch.setattr(api.replica.submitter, "_ask", full)
    answer = await ask(api)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "overloaded")


async def test_no_id_is_told_of_a_job_that_nobody_said_was_sent(deployment, outage, until):
    """With an id the client would look for its answer for ever, and nobody would send the job."""
    one, other = await deployment.replica(), await deployment.replica(wait=0.3)
    fails = outage(one)
    first = ask(one)
    await until(lambda: len(one.replica.pending) == 1)
    told = await ask(other)
    assert (told.status_code, told.json()["error"]["job"]) == (504, None)
    assert "under the same key" in told.json()["error"]["message"]
    fails.set()
    await first
