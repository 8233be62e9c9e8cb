"""The order of effects, and what an outage or a drain does to it."""

import asyncio

import pytest

from tests.unit.worker.workshop import NAMES, REPLIES, Workshop
from wire import errors
from wire.errors import QueueUnavailable
from wire.messages import Answer
from wire.names import picture_key, result_key, upload_key, upload_url
from worker import patience

REQUESTS = NAMES.requests


async def test_answer_then_record_then_delete():
    shop = await Workshop().open()
    await shop.ask("a", top=2)
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert shop.effects == [f"send {REPLIES}", "put records", f"delete {REQUESTS}"]
    assert answer.result == "a"
    assert [label.name for label in answer.labels] == ["a", "a1"]
    assert (answer.model, answer.model_version) == ("names", "7")
    (line,) = await shop.lines()
    assert line["uuid"] == "a"
    assert line["imageUrl"] == "http://h.test/a"
    assert line["result"] == "a"
    assert line["at"].endswith("Z")


async def test_a_job_kept_by_id_is_stored_before_it_is_answered():
    shop = await Workshop().open()
    await shop.ask("a", persist="each")
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert shop.effects == [
        "put results",
        f"send {REPLIES}",
        "put records",
        f"delete {REQUESTS}",
    ]
    assert Answer.decode(await shop.store.get(result_key("a"))) == answer


async def test_a_result_that_exists_is_reused():
    shop = await Workshop().open()
    job = await shop.ask("a", persist="each")
    earlier = Answer(uuid="a", image_url=job.image_url, result="from before")
    await shop.store.put_new(result_key("a"), earlier.encode().encode())
    async with shop.working():
        assert await shop.answers(1) == [earlier]
        await shop.until_empty()
    assert (await shop.lines())[0]["result"] == "from before"


async def test_a_redelivered_job_whose_result_exists_is_not_worked_again():
    shop = await Workshop(visibility=1).open()
    job = await shop.ask("a", persist="each")
    earlier = Answer(uuid="a", image_url=job.image_url, result="from before")
    await shop.store.put_new(result_key("a"), earlier.encode().encode())
    await shop.redeliver(1)
    async with shop.working():
        assert await shop.answers(1) == [earlier]
        await shop.until_empty()
    assert not shop.fetched
    assert not shop.model.batches


async def test_errors_are_answers_too():
    shop = await Workshop().open()
    await shop.ask("a")
    shop.pages["http://h.test/a"] = errors.UpstreamStatus()
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.error.code == "upstream_status"
    assert answer.labels == ()
    assert shop.effects == [f"send {REPLIES}", "put records", f"delete {REQUESTS}"]
    assert (await shop.lines())[0]["error"]["code"] == "upstream_status"
    assert (shop.tally.served, shop.tally.failed) == (0, 1)


async def test_the_answer_to_a_replica_that_has_gone_is_kept_by_id():
    shop = await Workshop().open()
    await shop.ask("a", reply_to=NAMES.responses("gone"))
    async with shop.working():
        await shop.until_empty()
    assert shop.effects == ["put results", "put records", f"delete {REQUESTS}"]
    assert Answer.decode(await shop.store.get(result_key("a"))).result == "a"


@pytest.mark.parametrize(
    "effect", [f"send {REPLIES}", "put records", f"delete {REQUESTS}", f"receive {REQUESTS}"]
)
async def test_an_outage_delays_and_loses_nothing(effect):
    shop = await Workshop().open()
    shop.faults[effect] = [QueueUnavailable(), QueueUnavailable(), RuntimeError("denied")]
    await shop.ask("a")
    async with shop.working():
        (answer,) = await shop.answers(1)
        await shop.until_empty()
    assert answer.result == "a"
    assert shop.effects == [f"send {REPLIES}", "put records", f"delete {REQUESTS}"]
    assert len(await shop.lines()) == 1


async def test_a_refusal_that_does_not_pass_is_no_reason_to_hold_on(monkeypatch):
    monkeypatch.setattr(patience, "MOST", 0.001)
    shop = await Workshop().open()
    shop.faults["put records"] = [RuntimeError("denied") for _ in range(100)]
    await shop.ask("a")
    async with shop.working(), asyncio.timeout(5):
        await shop.shift.until(lambda: shop.shift.received == 1 and not shop.shift.held)
    assert f"delete {REQUESTS}" not in shop.effects


async def test_a_job_that_expires_while_it_waits_its_turn_is_not_fetched():
    shop = await Workshop(delay=0.3, fetchers=1).open()
    await shop.ask("first")
    await shop.ask("second", deadline=0.2)
    async with shop.working():
        found = {answer.uuid: answer for answer in await shop.answers(2)}
    assert found["first"].result == "first"
    assert found["second"].error.code == "job_expired"
    assert shop.fetched == ["http://h.test/first"]


async def test_what_an_outage_outlasts_is_not_deleted():
    shop = await Workshop(visibility=1).open()
    shop.faults["put records"] = [QueueUnavailable() for _ in range(100)]
    await shop.ask("a", deadline=0.5)
    async with shop.working():
        await shop.answers(1)
        async with asyncio.timeout(5):
            await shop.shift.until(lambda: not shop.shift.held)
    assert f"delete {REQUESTS}" not in shop.effects
    depth = await shop.shared.requests.depth()
    assert depth.visible + depth.in_flight == 1


async def test_an_upload_is_read_from_the_store():
    shop = await Workshop().open()
    await shop.store.put(upload_key("u1"), b"bytes")
    await shop.ask("a", image_url=upload_url(upload_key("u1")))
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert answer.result == "bytes"
    assert not shop.fetched


async def test_an_upload_goes_after_its_record_and_before_its_message():
    shop = await Workshop().open()
    await shop.store.put(upload_key("a"), b"bytes")
    await shop.ask("a", image_url=upload_url(upload_key("a")))
    shop.effects.clear()
    async with shop.working():
        await shop.until_empty()
    assert await shop.store.get(upload_key("a")) is None
    assert [line["result"] for line in await shop.lines()] == ["bytes"]
    put, removed = shop.effects.index("put records"), shop.effects.index("remove uploads")
    assert put < removed < shop.effects.index(f"delete {REQUESTS}")


async def test_an_upload_goes_with_the_answer_that_is_kept_for_a_replica_that_has_gone():
    shop = await Workshop().open()
    await shop.store.put(upload_key("a"), b"bytes")
    gone = NAMES.responses("gone")
    await shop.ask("a", image_url=upload_url(upload_key("a")), reply_to=gone)
    async with shop.working():
        await shop.until_empty()
    assert Answer.decode(await shop.store.get(result_key("a"))).result == "bytes"
    assert await shop.store.get(upload_key("a")) is None


async def test_an_upload_that_is_not_the_jobs_own_outlives_its_answer():
    shop = await Workshop().open()
    await shop.store.put(upload_key("other"), b"bytes")
    gone = NAMES.responses("gone")
    await shop.ask("a", image_url=upload_url(upload_key("other")), reply_to=gone)
    async with shop.working():
        await shop.until_empty()
    assert await shop.store.get(upload_key("other")) == b"bytes"


async def test_an_upload_that_comes_back_after_its_record_is_not_answered_again():
    shop = await Workshop().open()
    await shop.ask("a", image_url=upload_url(upload_key("a")))
    await shop.redeliver(1)
    shop.effects.clear()
    async with shop.working():
        await shop.until_empty()
    assert shop.effects == [f"delete {REQUESTS}"]
    assert await shop.lines() == []
    assert await shop.replies.receive(1, 0) == []
    assert (shop.tally.served, shop.tally.failed, shop.shift.held) == (0, 0, 0)


async def test_an_outage_as_such_a_message_is_deleted_passes(monkeypatch):
    monkeypatch.setattr(patience, "MOST", 0.001)
    shop = await Workshop().open()
    await shop.ask("a", image_url=upload_url(upload_key("a")))
    await shop.redeliver(1)
    shop.faults[f"delete {REQUESTS}"] = [RuntimeError("denied") for _ in range(100)]
    async with shop.working():
        await shop.ask("b")
        assert (await shop.answers(1))[0].result == "b"


async def test_a_store_outage_delays_an_upload():
    shop = await Workshop().open()
    await shop.store.put(upload_key("u1"), b"bytes")
    get, failures = shop.store.get, [QueueUnavailable(), QueueUnavailable()]

    async def failing(key):
        if failures:
            raise failures.pop()
        return await get(key)

    shop.store.get = failing
    await shop.ask("a", image_url=upload_url(upload_key("u1")))
    async with shop.working():
        (answer,) = await shop.answers(1)
    assert answer.result == "bytes"


async def test_a_picture_is_also_kept_by_its_url_when_asked_for():
    shop = await Workshop(by_picture=True).open()
    await shop.ask("a")
    await shop.ask("b")
    shop.pages["http://h.test/b"] = errors.UpstreamStatus()
    async with shop.working():
        await shop.answers(2)
        await shop.until_empty()
    assert b'"result":"a"' in await shop.store.get(picture_key("http://h.test/a"))
    assert await shop.store.get(picture_key("http://h.test/b")) is None


async def test_a_drained_worker_finishes_what_it_holds_and_takes_no_more():
    shop = await Workshop(delay=0.1, prefetch=10).open()
    for at in range(10):
        await shop.ask(f"a{at}")
    async with shop.working():
        await shop.shift.until(lambda: shop.shift.busy == 10)
        shop.shift.drain("SIGTERM")
        await shop.ask("late")
    assert {answer.uuid for answer in await shop.answers(10)} == {f"a{at}" for at in range(10)}
    assert (await shop.shared.requests.depth()).visible == 1
    assert len(await shop.lines()) == 10


async def test_a_drained_worker_works_what_its_open_receive_brings():
    shop = await Workshop().open()
    async with shop.working():
        await asyncio.sleep(0.01)
        shop.shift.drain("SIGTERM")
        await shop.ask("late")
    assert (await shop.answers(1))[0].result == "late"
