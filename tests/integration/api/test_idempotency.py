"""Idempotency-Key over two replicas, a real queue and a real store: one key, one job, one answer."""

import asyncio
import signal
import uuid

import httpx
import pytest

from api.idempotency.claims import Mark
from wire.messages import Answer, ErrorBody
from wire.names import idempotency_key, upload_key

PICTURE = b"\xff\xd8\xff the bytes of a picture"
DEAD = "http://127.0.0.1:9"


@pytest.fixture
def key():
    return uuid.uuid4().hex


@pytest.fixture
async def two(start):
    """Two replicas; nobody waits for long at them."""
    return await asyncio.gather(start(wait=20).ready(), start(wait=20).ready())


@pytest.fixture
def ask(http):
    def begin(api, key, name="cat", **query):
        params = {"url": f"https://example.com/{name}.jpg"} | query
        headers = {"Idempotency-Key": key}
        return asyncio.create_task(http.get(f"{api.url}/classify", params=params, headers=headers))

    return begin


@pytest.fixture
def upload(http):
    def begin(api, key, picture=PICTURE):
        headers = {"Idempotency-Key": key}
        return asyncio.create_task(
            http.post(f"{api.url}/classify", content=picture, headers=headers)
        )

    return begin


def replayed(answer: httpx.Response) -> bool:
    return answer.headers.get("idempotency-replayed") == "true"


def same(first: httpx.Response, second: httpx.Response) -> bool:
    bodies = [{k: v for k, v in a.json().items() if k != "timings"} for a in (first, second)]
    return bodies[0] == bodies[1]


async def test_a_repeat_at_another_replica_gets_the_first_answer(two, worker, ask, upload, key):
    for begin, k in ((ask, key), (upload, key + "-bytes")):
        first = await begin(two[0], k)
        again = [await begin(api, k) for api in (two[1], two[0], two[1])]
        assert first.status_code == 200
        assert not replayed(first)
        assert all(a.status_code == 200 and same(first, a) and replayed(a) for a in again)
    assert len(worker.jobs) == 2
    assert worker.pictures == [PICTURE]


async def test_many_at_once_are_one_job(two, worker, ask, upload, key):
    asked = [ask(two[i % 2], key) for i in range(20)]
    sent = [upload(two[i % 2], key + "-bytes") for i in range(10)]
    for answers in (await asyncio.gather(*asked), await asyncio.gather(*sent)):
        assert [a.status_code for a in answers] == [200] * len(answers)
        assert all(same(answers[0], a) for a in answers)
        assert sum(not replayed(a) for a in answers) == 1
    assert len(worker.jobs) == 2


async def test_another_request_under_the_same_key_is_refused(two, worker, ask, upload, key):
    assert (await ask(two[0], key)).status_code == 200
    others = [
        await ask(two[1], key, name="dog"),
        await ask(two[1], key, top=3),
        await upload(two[1], key),
    ]
    assert [(a.status_code, a.json()["error"]["code"]) for a in others] == [
        (422, "idempotency_mismatch")
    ] * 3
    assert len(worker.jobs) == 1


async def test_without_a_key_nothing_is_kept(two, worker, account, http):
    _, store = account
    before = await store.keys("idempotency/")
    for _ in range(2):
        answer = await http.get(f"{two[0].url}/classify?url=https://example.com/cat.jpg")
        assert answer.status_code == 200
    assert [job.persist for job in worker.jobs] == ["record"] * 2
    assert await store.keys("idempotency/") == before


async def test_a_repeat_waits_for_the_job_that_is_under_way(two, worker, ask, key, eventually):
    worker.silent = True
    first = ask(two[0], key)
    await eventually(lambda: worker.jobs)
    second = ask(two[1], key)
    await asyncio.sleep(0.5)
    assert not second.done()
    await worker.answer(worker.jobs[0])
    assert same(await first, await second)
    assert replayed(await second)
    assert len(worker.jobs) == 1


async def test_a_client_that_left_finds_its_answer(two, worker, ask, key, eventually):
    worker.silent = True
    first = ask(two[0], key)
    await eventually(lambda: worker.jobs)
    first.cancel()
    await asyncio.sleep(0.3)
    second = ask(two[1], key)
    await worker.answer(worker.jobs[0])
    assert (await second).json()["uuid"] == worker.jobs[0].uuid
    assert len(worker.jobs) == 1


async def test_the_answer_outlives_its_replica(two, worker, ask, key, eventually, account):
    _, store = account
    worker.silent = True
    first = ask(two[0], key)
    await eventually(lambda: worker.jobs)
    name = idempotency_key("", key)
    while Mark.decode(await store.get(name)).state != "sent":  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    two[0].signal(signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await first
    second = ask(two[1], key)
    await worker.answer(worker.jobs[0])
    assert (await second).json()["uuid"] == worker.jobs[0].uuid
    assert len(worker.jobs) == 1


@pytest.mark.parametrize("kind", ["url", "bytes"])
async def test_a_replica_killed_before_it_sent_the_job(
    start, worker, ask, upload, key, account, monkeypatch, kind
):
    """The marker stands, the job is nowhere: somebody else must send it, once, under its id."""
    begin = {"url": ask, "bytes": upload}[kind]
    _, store = account
    other = await start(wait=3).ready()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", DEAD)
    doomed = await start(wait=60).listening()
    first = begin(doomed, key)
    while (data := await store.get(idempotency_key("", key))) is None:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    mark = Mark.decode(data)
    doomed.signal(signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await first
    assert mark.state == "sending"
    assert worker.jobs == []
    early = await begin(other, key)  # whether the job was sent cannot be known yet
    # With an id the client would look for an answer that never comes, and not ask again.
    assert (early.status_code, early.json()["error"]["job"]) == (504, None)
    async with asyncio.timeout(60):
        while (answer := await begin(other, key)).status_code == 504:
            assert answer.json()["error"]["job"] in (None, mark.uuid)
    assert (answer.status_code, answer.json()["uuid"]) == (200, mark.uuid)
    assert [job.uuid for job in worker.jobs] == [mark.uuid]


@pytest.mark.parametrize("kind", ["url", "bytes"])
async def test_what_was_never_sent_is_sent_by_the_next(
    start, worker, ask, upload, key, account, monkeypatch, kind
):
    begin = {"url": ask, "bytes": upload}[kind]
    other = await start(wait=20).ready()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", DEAD)
    cut_off = await start(wait=1).listening()
    refused = await begin(cut_off, key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "queue_unavailable")
    assert refused.json()["error"]["job"] is None  # there is nothing yet to ask for
    answer = await begin(other, key)
    assert answer.status_code == 200
    assert not replayed(answer)
    assert len(worker.jobs) == 1


async def test_what_was_never_sent_binds_its_key_to_nothing(start, worker, ask, key, monkeypatch):
    other = await start(wait=20).ready()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", DEAD)
    cut_off = await start(wait=1).listening()
    assert (await ask(cut_off, key)).status_code == 503
    assert (await ask(other, key, name="dog")).status_code == 200


async def test_a_worker_s_error_is_the_answer_too(two, worker, ask, key):
    worker.verdict = lambda job: Answer(
        uuid=job.uuid,
        image_url=job.image_url,
        error=ErrorBody(code="invalid_image", message="Broken."),
    )
    first, second = await ask(two[0], key), await ask(two[1], key)
    assert first.json() == second.json()
    assert (second.status_code, second.json()["error"]["code"]) == (422, "invalid_image")
    assert replayed(second)
    assert not replayed(first)
    assert len(worker.jobs) == 1


async def test_a_refusal_leaves_no_mark(two, worker, ask, key):
    for query in ({"url": "ftp://example.com/cat.jpg"}, {"top": 0}, {"model": "none"}):
        assert (await ask(two[0], key, **query)).status_code in {400, 404}
    assert (await ask(two[1], key)).status_code == 200


async def test_a_wait_that_runs_out_names_the_first_job(start, worker, ask, key, http):
    one, other = await asyncio.gather(start(wait=1).ready(), start(wait=1).ready())
    worker.silent = True
    answers = [await ask(one, key), await ask(other, key), await ask(other, key)]
    assert [a.status_code for a in answers] == [504] * 3
    (job,) = worker.jobs
    assert {a.json()["error"]["job"] for a in answers} == {job.uuid}
    assert (await http.get(f"{other.url}/jobs/{job.uuid}")).json()["status"] == "queued"
    await worker.answer(job)
    assert (await ask(other, key)).json()["uuid"] == job.uuid


async def test_a_shutdown_lets_those_go_who_wait_for_another_replica(
    start, worker, ask, key, eventually
):
    one = await start(wait=60).ready()
    other = await start(wait=60, drain_grace=1).ready()
    worker.silent = True
    first = ask(one, key)
    await eventually(lambda: worker.jobs)
    second = ask(other, key)
    await asyncio.sleep(0.5)
    other.signal(signal.SIGTERM)
    told = await second
    assert (told.status_code, told.json()["error"]["code"]) == (503, "shutting_down")
    assert told.json()["error"]["job"] == worker.jobs[0].uuid
    assert await other.exit_code() == 0
    await worker.answer(worker.jobs[0])
    assert (await first).status_code == 200


async def test_a_key_has_a_syntax_and_is_one(start, http):
    api = await start().ready()
    url = f"{api.url}/classify?url=https://example.com/cat.jpg"
    for bad in ([""], ["a b"], ["a" * 256], ["na\u00efve"], ["a", "b"]):
        headers = [(b"Idempotency-Key", key.encode("latin-1")) for key in bad]
        answer = await http.get(url, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")


async def test_the_upload_of_a_replay_is_not_kept(two, worker, upload, key, account):
    _, store = account
    first = await upload(two[0], key)
    name = upload_key(first.json()["uuid"])
    await store.delete(name)  # as a worker does once it has answered
    assert replayed(await upload(two[1], key))
    assert await store.get(name) is None
