from botocore.exceptions import ClientError

from tests.logged import capture_logs
from wire.errors import QueueUnavailable
from wire.memory import MemoryQueue


async def test_a_queue_that_is_down_leaves_nothing_pending(deployment, monkeypatch):
    await deployment.worker()
    api = await deployment.replica()

    async def down(self, *args):
        raise QueueUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(MemoryQueue, "send", down)
        answer = await api.classify()
        posted = await api.http.post("/classify", content=b"x")
    for refused in (answer, posted):
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (503, "queue_unavailable")
        assert error["job"] is None
        assert int(refused.headers["retry-after"]) > 0
    assert len(api.replica.pending) == 0
    assert await deployment.store.keys("") == []
    assert (await api.classify()).status_code == 200


async def test_a_requests_queue_that_is_gone_is_an_outage(deployment):
    api = await deployment.replica()
    await deployment.queues.remove(deployment.names.requests)
    answer = await api.classify()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")


async def test_a_store_that_is_down_refuses_pictures_only(deployment, monkeypatch):
    await deployment.worker()
    api = await deployment.replica()

    async def down(*args):
        raise QueueUnavailable

    monkeypatch.setattr(deployment.store, "put", down)
    monkeypatch.setattr(deployment.store, "get", down)
    for answer in (
        await api.http.post("/classify", content=b"x"),
        await api.http.get("/jobs/some"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")
    assert (await api.classify()).status_code == 200


async def test_a_504_comes_though_its_marker_cannot_be_written(deployment, monkeypatch):
    api = await deployment.replica(wait=0.05)

    async def down(*args):
        raise QueueUnavailable

    monkeypatch.setattr(deployment.store, "put", down)
    answer = await api.classify()
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timed_out")


async def test_the_queues_are_opened_when_the_endpoint_comes_up(deployment, monkeypatch):
    refusals = [
        QueueUnavailable(),
        ClientError({"Error": {"Code": "AccessDenied"}}, "GetQueueUrl"),
        QueueUnavailable(),
    ]
    open_ = deployment.queues.open

    async def late(name, visibility=None):
        if refusals:
            raise refusals.pop()
        return await open_(name, visibility)

    monkeypatch.setattr(deployment.queues, "open", late)
    api = await deployment.replica()
    await deployment.worker()
    assert (await api.classify()).status_code == 200
    assert not refusals


async def test_polls_that_fail_turn_the_replica_unready_until_one_succeeds(
    deployment, monkeypatch, until
):
    await deployment.worker()
    api = await deployment.replica()

    async def down(self, *args):
        raise QueueUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(MemoryQueue, "receive", down)
        (name,) = await deployment.responses()
        await (await deployment.queues.open(name)).send("wakes the open poll")
        await until(lambda: not api.replica.collector.reachable)
        assert (await api.http.get("/readyz")).status_code == 503
    await until(lambda: api.replica.collector.reachable)
    assert (await api.http.get("/readyz")).status_code == 200


async def test_what_nobody_foresaw_is_a_500_with_the_job_and_without_the_cause(
    deployment, monkeypatch
):
    await deployment.worker(lambda job: None)
    api = await deployment.replica()

    async def broken(*args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(api.replica.submitter, "_answer", broken)
    with capture_logs() as logged:
        answer = await api.classify()
    (entry,) = [entry for entry in logged if entry["event"] == "unexpected"]
    assert entry["exc_info"]
    assert entry["job"] == answer.json()["error"]["job"]
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (500, "internal")
    assert error["job"]
    assert "secret" not in answer.text
    assert len(api.replica.pending) == 0
