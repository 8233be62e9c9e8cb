"""Jobs that are not worked: expired, poison, unreadable, not for us."""

import asyncio

import pytest

from tests.unit.worker.workshop import NAMES, REPLIES, Workshop
from wire.errors import WorkerCrashed
from wire.messages import Answer, ErrorBody
from wire.names import result_key, suspect_key, upload_url
from wire.queues import QueueOptions

REQUESTS = NAMES.requests
MATES = [f"mate{at}" for at in range(9)]


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


async def test_an_unexpected_fault_is_answered_internal_and_the_worker_lives():
    shop = await Workshop().open()
    shop.model.spoilt[b"odd"] = ZeroDivisionError("no such thing")
    await shop.ask("odd")
    await shop.ask("even")
    async with shop.working():
        found = {answer.uuid: answer for answer in await shop.answers(2)}
        await shop.until_empty()
    assert found["odd"].error.code == "internal"
    assert "no such thing" not in found["odd"].encode()
    assert found["even"].result == "even"


async def test_an_expired_job_is_answered_unworked():
    shop = await Workshop().open()
    await shop.ask("a", deadline=0.0)
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.error.code == "job_expired"
    assert not shop.fetched
    assert len(await shop.lines()) == 1


async def test_a_suspect_that_dies_when_it_is_tried_is_poison():
    shop = await Workshop().open()
    shop.model.deadly = b"a"
    job = await shop.ask("a")
    await shop.redeliver(2)
    await shop.store.put(suspect_key("a"), b"{}")
    shop.effects.clear()
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.error.code == "worker_crashed"
    assert shop.tried == [b"a"]
    assert not shop.model.batches  # it never came near this worker's own engine
    assert shop.effects == [
        f"send {NAMES.dead_letter}",
        f"send {REPLIES}",
        "put records",
        f"delete {REQUESTS}",
    ]
    (dead,) = await shop.shared.dead_letter.receive(1, 0)
    assert dead.body == job.encode()
    assert await shop.store.keys("state/") == []


async def test_a_suspect_whose_machine_was_killed_under_it_is_acquitted():
    shop = await Workshop().open()
    await shop.ask("a")
    await shop.redeliver(2)
    await shop.store.put(suspect_key("a"), b"{}")
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.result == "a"
    assert shop.tried == [b"a"]
    assert await shop.shared.dead_letter.receive(1, 0) == []
    assert await shop.store.keys("state/") == []


async def test_poison_is_set_aside_by_the_next_when_its_worker_went_after_its_answer():
    shop = await Workshop().open()
    await shop.ask("a", persist="each")
    await shop.redeliver(2)
    crashed = Answer(uuid="a", image_url="x", error=ErrorBody.of(WorkerCrashed()))
    await shop.store.put(result_key("a"), crashed.encode().encode())
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.error.code == "worker_crashed"
    assert len(await shop.shared.dead_letter.receive(10, 0)) == 1


async def test_a_trial_that_could_not_be_held_proves_nothing():
    shop = await Workshop().open()
    await shop.ask("a")
    await shop.redeliver(2)
    await shop.store.put(suspect_key("a"), b"{}")
    shop.untried = 1
    async with shop.working():
        async with asyncio.timeout(10):
            while not shop.tried:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert await shop.replies.receive(10, 0) == []
    assert await shop.store.keys("state/") == [suspect_key("a")]
    assert (await shop.shared.requests.depth()).in_flight == 1


async def test_a_suspect_that_was_only_held_beside_the_poison_is_worked():
    shop = await Workshop().open()
    await shop.ask("a")
    await shop.redeliver(2)
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.result == "a"
    assert await shop.shared.dead_letter.receive(1, 0) == []
    assert await shop.store.keys("state/") == []


async def test_poison_is_found_among_its_mates_and_they_are_answered():
    clock = Clock()
    shop = await Workshop(clock=clock).open()
    for uuid in ("poison", *MATES):
        await shop.ask(uuid)
    await shop.redeliver(1)
    first = shop.model
    first.deadly = b"poison"
    # This worker dies with the poison in its hands and all the mates in its pocket.
    loop = asyncio.create_task(shop.loop.run())
    await asyncio.to_thread(first.died.wait, 10)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert [line["uuid"] for line in await shop.lines()] == []
    clock.now += 31
    shop.hire()
    shop.model.deadly = b"poison"
    first.buried.set()
    async with shop.working():
        found = {answer.uuid: answer for answer in await shop.answers(10)}
        await shop.until_empty()
    assert found.pop("poison").error.code == "worker_crashed"
    assert {uuid: answer.result for uuid, answer in found.items()} == {uuid: uuid for uuid in MATES}
    assert len(await shop.shared.dead_letter.receive(10, 0)) == 1


async def test_the_second_receive_is_worked_alone():
    shop = await Workshop().open()
    for uuid in ("s1", "s2"):
        await shop.ask(uuid)
    await shop.redeliver(1)
    for uuid in ("n1", "n2", "n3"):
        await shop.ask(uuid)
    async with shop.working():
        found = await shop.answers(5)
        await shop.until_empty()
    assert {answer.result for answer in found} == {"s1", "s2", "n1", "n2", "n3"}
    assert [b"s1"] in shop.model.batches
    assert [b"s2"] in shop.model.batches
    # All were fetched equally fast: those beside the suspects went through the gate before them.
    order = [answer.uuid for answer in found]
    assert set(order[-2:]) == {"s1", "s2"}


@pytest.mark.parametrize(
    "body",
    ["", "no json", "[]", '{"schema": 2, "uuid": "a"}', '{"schema": 1, "uuid": ""}', "\ud7ff"],
)
async def test_a_body_that_is_no_job_goes_to_the_dead_letter_queue(body):
    shop = await Workshop().open()
    await shop.shared.requests.send_many([body])
    await shop.ask("a")
    async with shop.working():
        await shop.answers(1)
        await shop.until_empty()
    (dead,) = await shop.shared.dead_letter.receive(10, 0)
    assert dead.body == body


@pytest.mark.parametrize("name", ["other-responses-r1", "test-requests", "", "../test-responses-x"])
async def test_nobody_outside_the_deployment_is_answered(name):
    shop = await Workshop().open()
    if name == "other-responses-r1":
        await shop.queues.ensure(name, QueueOptions())
    await shop.ask("a", reply_to=name)
    async with shop.working():
        await shop.until_empty()
    assert shop.effects == [f"send {NAMES.dead_letter}", f"delete {REQUESTS}"]
    assert not shop.fetched


async def test_an_upload_that_was_sent_twice_is_answered_once():
    shop = await Workshop().open()
    await shop.store.put("uploads/a", b"cat")
    await shop.ask("a", image_url=upload_url("uploads/a"))
    async with shop.working():
        await shop.answers(1)
        await shop.until_empty()
        # SQS's answer to the first send was lost: the job is in the queue under another message's id.
        await shop.ask("a", image_url=upload_url("uploads/a"))
        await shop.until_empty()
    assert await shop.replies.receive(10, 0) == []
    assert [line["result"] for line in await shop.lines()] == ["cat"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (upload_url("records/secret"), "invalid_url"),
        (upload_url("state/keys.json"), "invalid_url"),
        (upload_url("uploads/none"), "invalid_url"),
        (upload_url("uploads/"), "invalid_url"),
        (upload_url("uploads/a/b"), "invalid_url"),
        (upload_url("uploads/../records/secret"), "invalid_url"),
        (upload_url(" uploads/large"), "invalid_url"),
        (upload_url("uploads/large"), "body_too_large"),
    ],
)
async def test_only_uploads_are_read_from_the_store(url, code):
    shop = await Workshop().open()
    await shop.store.put("records/secret", b"private")
    await shop.store.put("state/keys.json", b"private")
    await shop.store.put("uploads/large", b"x" * 1001)
    await shop.store.put("uploads/../records/secret", b"private")
    await shop.store.put("uploads/a/b", b"private")
    await shop.ask("a", image_url=url)
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert answer.error.code == code


async def test_another_task_is_refused():
    shop = await Workshop().open()
    await shop.ask("a", task="features")
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert answer.error.code == "invalid_parameter"
