import asyncio

from tests.unit.api.conftest import classified
from wire.messages import Answer


def count(api, outcome):
    text = api.replica.metrics.text().decode()
    line = f'classifycloud_api_answers_total{{outcome="{outcome}"}} '
    return next((float(row[len(line) :]) for row in text.splitlines() if row.startswith(line)), 0)


async def test_a_duplicate_is_dropped(deployment, until):
    await deployment.worker()
    api = await deployment.replica()
    answer = await api.classify()
    (job,) = deployment.jobs
    other = classified(job).model_copy(update={"result": "another"})
    await deployment.answer(other, other)
    await until(lambda: count(api, "duplicate") == 2)
    assert answer.json()["result"] == "thing 0"
    responses = await deployment.queues.open(job.reply_to)
    assert (await responses.depth()).in_flight == 0
    assert await deployment.store.keys("") == []
    assert (await api.classify()).status_code == 200


async def test_an_answer_that_somebody_waits_for_is_no_duplicate(deployment, until):
    """A keyed job that was sent, and is sent anew because nobody said so, is answered twice."""
    api = await deployment.replica()
    pending = api.replica.pending
    responses = api.replica.connection.current.responses
    answer = Answer(uuid="again", image_url="https://example.com/")
    await responses.send(answer.encode())
    await until(lambda: count(api, "unknown") == 1)
    with pending.hold("again", answer.image_url) as waiting:
        await responses.send(answer.encode())
        async with asyncio.timeout(5):
            assert (await waiting.answer).uuid == "again"
    with pending.hold("again", answer.image_url) as waiting:
        api.replica.late.expect(waiting)
    await responses.send(answer.encode())
    await until(lambda: count(api, "late") == 1)
    await responses.send(answer.encode())
    await until(lambda: count(api, "duplicate") == 1)


async def test_an_unknown_id_is_dropped(deployment, until):
    await deployment.worker()
    api = await deployment.replica()
    await api.classify()
    await deployment.answer(Answer(uuid="never-asked", image_url="https://example.com/"))
    await until(lambda: count(api, "unknown") == 1)
    assert await deployment.store.keys("") == []


async def test_what_does_not_decode_goes_to_the_dead_letters(deployment, until):
    await deployment.worker()
    api = await deployment.replica()
    await api.classify()
    await (await deployment.queues.open(deployment.jobs[0].reply_to)).send('{"schema": 2}')
    await until(lambda: count(api, "undecodable") == 1)
    dead = await deployment.queues.open(deployment.names.dead_letter)
    assert [d.body for d in await dead.receive(10, 1)] == ['{"schema": 2}']


async def test_a_removed_response_queue_is_replaced_and_its_jobs_are_asked_again(deployment):
    await deployment.worker(lambda job: classified(job) if len(deployment.jobs) > 1 else None)
    api = await deployment.replica()
    asking = asyncio.create_task(api.classify())
    await api.pending(1)
    (before,) = await deployment.responses()
    await deployment.queues.remove(before)
    assert (await asking).status_code == 200
    first, again = deployment.jobs
    assert (first.uuid, first.reply_to) == (again.uuid, before)
    assert await deployment.responses() == [again.reply_to] != [before]
