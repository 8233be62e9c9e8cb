import asyncio

from tests.unit.api.conftest import classified
from wire.messages import Report
from wire.names import job_key, result_key


async def asked(api, count):
    """So many requests that wait, their jobs sent."""
    tasks = [
        asyncio.create_task(api.classify(url=f"https://example.com/{i}.jpg")) for i in range(count)
    ]
    await api.pending(count)
    return tasks


async def test_answers_within_the_grace_are_delivered_and_the_queue_goes(deployment, until):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(drain_grace=5)
    waiting = await asked(api, 5)
    await until(lambda: len(deployment.jobs) == 5)
    stopping = asyncio.create_task(api.stop())
    await until(lambda: api.replica.pending.closed)

    assert (await api.http.get("/readyz")).json()["error"]["code"] == "shutting_down"
    refused = await api.classify()
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "shutting_down")
    assert refused.json()["error"]["job"] is None
    assert int(refused.headers["retry-after"]) > 0

    await deployment.answer(*(classified(job) for job in deployment.jobs))
    assert [(await task).status_code for task in waiting] == [200] * 5
    await asyncio.wait_for(stopping, 1)
    assert await deployment.responses() == []
    assert await deployment.store.keys("") == []
    reports: list[Report] = await deployment.reports()
    # The second "ready" tells of the first job.
    assert [r.state for r in reports] == ["started", "ready", "ready", "draining", "stopped"]
    assert {(r.kind, r.sender) for r in reports} == {("api", reports[0].sender)}
    assert deployment.names.responses(reports[0].sender) == deployment.jobs[0].reply_to
    assert (reports[3].busy, reports[4].served) == (5, 5)


async def test_the_rest_are_sent_home_with_their_ids_and_the_queue_is_left(deployment, until):
    await deployment.worker(lambda job: None)
    api, other = await deployment.replica(drain_grace=0.1), await deployment.replica()
    waiting = await asked(api, 5)
    await until(lambda: len(deployment.jobs) == 5)
    await deployment.answer(classified(deployment.jobs[0]))
    await api.stop()

    answers = [await task for task in waiting]
    assert sorted(answer.status_code for answer in answers) == [200, 503, 503, 503, 503]
    home = [answer.json()["error"] for answer in answers if answer.status_code == 503]
    assert {error["code"] for error in home} == {"shutting_down"}
    assert {error["job"] for error in home} == {job.uuid for job in deployment.jobs[1:]}
    assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status_code == 503)
    assert deployment.jobs[0].reply_to in await deployment.responses()
    for error in home:
        found = await other.http.get(f"/jobs/{error['job']}")
        assert (found.status_code, found.json()["status"]) == (200, "queued")


async def test_the_queue_is_left_for_an_answer_owed_to_a_504(deployment):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(wait=0.05)
    answer = await api.classify()
    assert answer.status_code == 504
    await api.stop()
    assert await deployment.responses() == [deployment.jobs[0].reply_to]


async def test_an_answer_between_dismissal_and_the_end_is_kept(deployment, until, monkeypatch):
    await deployment.worker(lambda job: None)
    api = await deployment.replica(drain_grace=0.01)
    (waiting,) = await asked(api, 1)
    await until(lambda: deployment.jobs)
    put = deployment.store.put

    async def answered_meanwhile(key, data, *more):
        await deployment.answer(classified(deployment.jobs[0]))
        await asyncio.sleep(0.05)
        await put(key, data, *more)

    monkeypatch.setattr(deployment.store, "put", answered_meanwhile)
    await api.stop()
    assert (await waiting).status_code == 503
    uuid = deployment.jobs[0].uuid
    assert set(await deployment.store.keys("")) == {job_key(uuid), result_key(uuid)}
    assert await deployment.responses() == []


async def test_requests_that_never_were_sent_promise_nothing(deployment):
    api = await deployment.replica(start=False, drain_grace=0.05)
    early = asyncio.create_task(api.classify())
    await asyncio.sleep(0.02)

    async def never():
        await asyncio.sleep(3600)

    api.replica.connection.connect = never
    api.replica.start()
    await asyncio.sleep(0)
    await asyncio.wait_for(api.replica.stop(), 2)
    answer = await early
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "shutting_down")
    assert answer.json()["error"]["job"] is None
    assert await deployment.store.keys("") == []


async def test_an_idle_replica_goes_at_once_though_a_poll_is_open(deployment):
    api = await deployment.replica(poll_wait=20)
    await asyncio.sleep(0.05)
    await asyncio.wait_for(api.stop(), 1)
    assert await deployment.responses() == []
