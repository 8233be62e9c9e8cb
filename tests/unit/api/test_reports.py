"""What a replica says of itself: all that it sent and answered, and not too often."""

import asyncio

import pytest

from api.reports import Reporter
from tests.unit.api.conftest import classified
from wire import errors
from wire.errors import QueueUnavailable
from wire.memory import MemoryQueue
from wire.messages import Answer, ErrorBody


def broken(job):
    return Answer(
        uuid=job.uuid, image_url=job.image_url, error=ErrorBody.of(errors.UpstreamStatus())
    )


async def told(deployment, replica):
    """The next report of a replica, asked for."""
    await deployment.reports()
    await replica.reporter.tell("ready")
    (report,) = await deployment.reports()
    return report


async def test_what_was_sent_and_what_became_of_it_is_counted(deployment):
    api = await deployment.replica(wait=1.0)
    first = await told(deployment, api.replica)
    assert (first.submitted, first.served, first.failed, first.busy) == (0, 0, 0, 0)
    worker = await deployment.worker()
    for _ in range(3):
        assert (await api.classify()).status_code == 200
    worker.cancel()
    worker = await deployment.worker(broken)
    assert (await api.classify()).status_code == 502
    worker.cancel()
    await deployment.worker(lambda job: None)
    assert (await api.classify()).status_code == 504
    last = await told(deployment, api.replica)
    assert (last.submitted, last.served, last.failed, last.busy) == (5, 3, 2, 0)


async def test_what_sqs_never_took_is_not_counted(deployment, monkeypatch):
    api = await deployment.replica()

    async def down(self, *args):
        raise QueueUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(MemoryQueue, "send", down)
        assert (await api.classify()).status_code == 503
    assert (await told(deployment, api.replica)).submitted == 0


async def test_what_is_sent_anew_is_counted_anew(deployment, until):
    api = await deployment.replica()
    waiting = asyncio.create_task(api.classify())
    await until(lambda: api.replica.submitter.submitted == 1)
    await api.replica.connection.remove()
    await until(lambda: api.replica.submitter.submitted == 2)
    assert (await told(deployment, api.replica)).submitted == 2
    await deployment.worker()
    assert (await waiting).status_code == 200


async def test_a_job_that_came_while_the_queues_were_opened_is_not_sent_again(deployment, until):
    api = await deployment.replica()
    waiting = asyncio.create_task(api.classify())
    await until(lambda: api.replica.submitter.submitted == 1)
    await api.replica.submitter.resend(api.replica.connection.current)
    assert (await told(deployment, api.replica)).submitted == 1
    await deployment.worker()
    assert (await waiting).status_code == 200


async def test_a_job_for_many_is_one_job_and_an_old_one_is_not_told_of(
    deployment, until, monkeypatch
):
    api = await deployment.replica(cache_seconds=60)
    together = [asyncio.create_task(api.classify()) for _ in range(5)]
    other = asyncio.create_task(api.classify(url="https://example.com/dog.jpg"))
    await until(lambda: api.replica.submitter.submitted == 2)
    await api.pending(6)
    report = await told(deployment, api.replica)
    assert (report.busy, report.unanswered) == (6, 2)
    later = api.replica.pending.now() + 11
    monkeypatch.setattr(api.replica.pending, "_clock", lambda: later)
    assert (await told(deployment, api.replica)).unanswered == 0
    monkeypatch.undo()
    await deployment.worker()
    for each in (*together, other):
        assert (await each).status_code == 200
    assert (await told(deployment, api.replica)).unanswered == 0


@pytest.fixture
async def reporting(deployment):
    """A replica whose own reporter is quiet, and a quicker one in its place."""
    api = await deployment.replica()
    await deployment.reports()
    replica = api.replica
    reporter = Reporter(replica.connection, replica.pending, replica.submitter, every=60, calm=0.05)
    await reporter.tell("ready")
    await deployment.reports()
    task = asyncio.create_task(reporter.run())
    yield api
    task.cancel()


async def test_a_busy_replica_reports_calmly_and_a_quiet_one_not_at_all(deployment, reporting):
    await asyncio.sleep(0.2)
    assert await deployment.reports() == []
    await deployment.worker()
    start = asyncio.get_running_loop().time()
    for _ in range(40):
        await reporting.classify()
    took = asyncio.get_running_loop().time() - start
    await asyncio.sleep(0.12)
    reports = await deployment.reports()
    assert reports[-1].submitted == 40
    assert len(reports) <= took / 0.05 + 3
    await asyncio.sleep(0.2)
    assert await deployment.reports() == []


async def test_while_somebody_waits_and_once_after_it_reports(deployment, reporting):
    waiting = asyncio.create_task(reporting.classify())
    await reporting.pending(1)
    during = []
    async with asyncio.timeout(4):
        while len(during) < 3:
            await asyncio.sleep(0.05)
            during += await deployment.reports()
    assert [report.busy for report in during] == [1] * len(during)
    assert during[-1].oldest_wait > during[0].oldest_wait
    await deployment.worker(classified)
    assert (await waiting).status_code == 200
    after = []
    async with asyncio.timeout(4):
        while not after or after[-1].busy:
            await asyncio.sleep(0.05)
            after += await deployment.reports()
    assert (after[-1].busy, after[-1].oldest_wait, after[-1].served) == (0, None, 1)


async def test_a_quiet_replica_sends_heartbeats(deployment):
    api = await deployment.replica()
    replica = api.replica
    await deployment.reports()
    reporter = Reporter(replica.connection, replica.pending, replica.submitter, 0.2, 0.02)
    await reporter.tell("ready")
    start = asyncio.get_running_loop().time()
    task = asyncio.create_task(reporter.run())
    heard = await deployment.reports()
    while len(heard) < 4:
        await asyncio.sleep(0.02)
        heard += await deployment.reports()
    task.cancel()
    assert asyncio.get_running_loop().time() - start >= 3 * 0.18


async def test_what_an_outage_kept_from_being_told_is_told_soon(deployment, until):
    api = await deployment.replica()
    replica = api.replica
    reporter = Reporter(replica.connection, replica.pending, replica.submitter, every=60, calm=0.05)
    await reporter.tell("ready")
    await deployment.worker()
    assert (await api.classify()).status_code == 200
    await deployment.reports()
    reports = replica.connection.current.shared.reports
    send, failed = reports.send, []

    async def fails_once(body):
        if not failed:
            failed.append(body)
            raise QueueUnavailable
        await send(body)

    reports.send = fails_once
    task = asyncio.create_task(reporter.run())
    await until(lambda: failed)
    heard = []
    async with asyncio.timeout(4):
        while not heard:
            await asyncio.sleep(0.02)
            heard += await deployment.reports()
    assert heard[0].submitted == 1
    task.cancel()
