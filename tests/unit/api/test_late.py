import asyncio
import json
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from api.jobs.book import Book
from api.jobs.jobs import Jobs
from api.jobs.states import GRACE
from api.late import Marker
from api.lookup import Lookup
from tests.unit.api.conftest import classified
from wire.errors import JobExpired, JobNotFound
from wire.memory import MemoryStore
from wire.messages import Answer, ErrorBody
from wire.names import job_key, result_key


async def timed_out(deployment, **settings):
    """A replica, and the id of a job that it answered 504."""
    await deployment.worker(lambda job: None)
    api = await deployment.replica(wait=0.1, **settings)
    answer = await api.classify()
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timed_out")
    uuid = answer.json()["error"]["job"]
    assert uuid == deployment.jobs[0].uuid
    return api, uuid


async def test_a_late_answer_is_found_through_any_replica(deployment, until):
    api, uuid = await timed_out(deployment)
    other = await deployment.replica()
    queued = await other.http.get(f"/jobs/{uuid}")
    assert (queued.status_code, queued.json()["status"]) == (200, "queued")
    assert int(queued.headers["retry-after"]) > 0
    assert len(api.replica.pending) == 0

    await deployment.answer(classified(deployment.jobs[0]))
    await until(lambda: not api.replica.late.all())
    for replica in (api, other):
        found = await replica.http.get(f"/jobs/{uuid}")
        body = found.json()
        assert (found.status_code, body["uuid"], body["status"]) == (200, uuid, "succeeded")
        assert body["result"] == "thing 0"
        assert len(body["labels"]) == 3
        assert body["timings"]["totalMs"] >= 100


async def test_a_late_failure_is_found_as_one(deployment, until):
    api, uuid = await timed_out(deployment)
    job = deployment.jobs[0]
    error = ErrorBody(code="upstream_unreachable", message="no such host")
    await deployment.answer(Answer(uuid=uuid, image_url=job.image_url, error=error))
    await until(lambda: not api.replica.late.all())
    found = (await api.http.get(f"/jobs/{uuid}")).json()
    assert found["status"] == "failed"
    assert found["error"] == {"code": "upstream_unreachable", "message": "no such host"}
    assert "result" not in found


async def test_the_first_late_answer_stands(deployment, until):
    api, uuid = await timed_out(deployment)
    first = classified(deployment.jobs[0])
    await deployment.answer(first, first.model_copy(update={"result": "another"}))
    await until(lambda: b'outcome="duplicate"} 1' in api.replica.metrics.text())
    assert (await api.http.get(f"/jobs/{uuid}")).json()["result"] == "thing 0"


async def test_an_answer_after_the_deadline_is_not_kept(deployment, until):
    api, uuid = await timed_out(deployment, job_deadline=0.2)
    await asyncio.sleep(0.15)
    await deployment.answer(classified(deployment.jobs[0]))
    await until(lambda: b'outcome="expired"} 1' in api.replica.metrics.text())
    assert await deployment.store.get(result_key(uuid)) is None


async def test_a_store_that_fails_once_loses_no_late_answer(deployment, until, monkeypatch):
    from wire.errors import QueueUnavailable

    api, uuid = await timed_out(deployment)
    put, failed = deployment.store.put_new, []

    async def broken(key, data):
        failed.append(key)
        raise QueueUnavailable

    monkeypatch.setattr(deployment.store, "put_new", broken)
    await deployment.answer(classified(deployment.jobs[0]))
    await until(lambda: failed)
    await asyncio.sleep(0.01)
    assert [job.uuid for job in api.replica.late.all()] == [uuid]
    responses = await deployment.queues.open(deployment.jobs[0].reply_to)
    assert (await responses.depth()).in_flight == 1, "it must come again"
    monkeypatch.setattr(deployment.store, "put_new", put)
    await until(lambda: not api.replica.late.all())
    assert await deployment.store.get(result_key(uuid)) is not None


@pytest.mark.parametrize("uuid", ["none", "x" * 65, "a.b", "a%2Fb", "%C3%A9"])
async def test_an_id_that_nothing_is_kept_under(deployment, uuid):
    api = await deployment.replica()
    answer = await api.http.get(f"/jobs/{uuid}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] in {"job_not_found", "not_found"}


async def test_a_job_is_gone_only_a_while_after_its_deadline():
    store, now, name = MemoryStore(), 1000.0, str(uuid4())
    marker = Marker(uuid=name, image_url="https://example.com/", until=now)
    await store.put(job_key(name), marker.encode().encode())
    assert json.loads(marker.encode())["imageUrl"] == "https://example.com/"

    def lookup(clock):
        book = Book(store)
        return Lookup(book, Jobs(book, None, None, clock), clock)

    found = await lookup(lambda: now + GRACE - 1).find(name, "")
    assert (found.status, found.until) == ("queued", now)
    with pytest.raises(JobExpired):
        await lookup(lambda: now + GRACE + 1).find(name, "")
    with pytest.raises(JobNotFound):
        await lookup(lambda: now).find("v", "")


async def test_a_marker_that_cannot_be_written_takes_no_answer_s_place(deployment, monkeypatch):
    async def denied(*_args):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")

    monkeypatch.setattr(deployment.store, "put", denied)
    await timed_out(deployment)
