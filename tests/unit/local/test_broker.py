"""Waiting receivers: who is served, when, and who is not."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from local.sqs.broker import Broker, Want
from local.sqs.database import Database
from local.sqs.errors import (
    PurgeQueueInProgressError,
    QueueDeletedRecentlyError,
    QueueDoesNotExistError,
)
from local.sqs.messages import Counts, Draft, Message, MessageTable
from local.sqs.queues import Queue

LONG = Want(limit=10, visibility_ms=30_000, wait_ms=20_000)
SHORT = LONG._replace(wait_ms=0)


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


def draft(body: str, delay_ms: int = 0) -> Draft:
    return Draft(f"id-{body}", "md5", body, None, None, delay_ms)


def bodies(messages: list[Message]) -> list[str]:
    return [message.body for message in messages]


async def never() -> None:
    await asyncio.Event().wait()


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def broker(database: Database) -> Broker:
    return Broker(database, wall_clock)


@pytest.fixture
def queue(broker: Broker) -> Queue:
    return broker.queues.create("jobs", {}, {})


def waiting(broker: Broker, queue: Queue, want: Want = LONG) -> asyncio.Task[list[Message]]:
    return asyncio.ensure_future(broker.receive(queue, want, never))


async def test_what_becomes_due_between_the_look_and_the_timer_still_wakes(
    database: Database,
) -> None:
    now = 1_000_000

    def passing() -> int:
        nonlocal now
        now += 1
        return now

    broker = Broker(database, passing)
    queue = broker.queues.create("jobs", {}, {})
    broker.send(queue, [draft("a", delay_ms=1_000)])
    due = now + 1_000
    now = due - 2  # the look is at due - 1, the timer is set at due
    async with asyncio.timeout(5):
        assert bodies(await broker.receive(queue, LONG, never)) == ["a"]


async def test_a_send_serves_who_waits_at_once(broker: Broker, queue: Queue) -> None:
    receiver = waiting(broker, queue)
    await settle()
    broker.send(queue, [draft("a"), draft("b")])
    await settle()
    assert receiver.done()
    assert bodies(receiver.result()) == ["a", "b"]


async def test_first_come_first_served_and_nobody_twice(broker: Broker, queue: Queue) -> None:
    one = LONG._replace(limit=1)
    receivers = [waiting(broker, queue, one) for _ in range(3)]
    await settle()
    broker.send(queue, [draft("a"), draft("b")])
    await settle()
    assert [receiver.done() for receiver in receivers] == [True, True, False]
    assert [bodies(receiver.result()) for receiver in receivers[:2]] == [["a"], ["b"]]
    broker.drain()
    assert await receivers[2] == []


async def test_a_message_whose_visibility_ends_goes_to_who_waits(
    broker: Broker, queue: Queue
) -> None:
    broker.send(queue, [draft("a")])
    started = time.monotonic()
    await broker.receive(queue, SHORT._replace(visibility_ms=40), never)
    again = await asyncio.wait_for(broker.receive(queue, LONG, never), 5)
    assert bodies(again) == ["a"]
    assert again[0].receives == 2
    assert time.monotonic() - started >= 0.03


async def test_a_delayed_message_goes_to_who_waits_when_it_is_due(
    broker: Broker, queue: Queue
) -> None:
    receiver = waiting(broker, queue)
    await settle()
    broker.send(queue, [draft("later", delay_ms=30)])
    await settle()
    assert not receiver.done()
    assert bodies(await asyncio.wait_for(receiver, 5)) == ["later"]


async def test_a_message_given_back_goes_to_who_waits(broker: Broker, queue: Queue) -> None:
    broker.send(queue, [draft("a")])
    taken = await broker.receive(queue, SHORT, never)
    receiver = waiting(broker, queue)
    await settle()
    broker.hold(queue, taken[0].handle, 0)
    assert bodies(await asyncio.wait_for(receiver, 5)) == ["a"]


async def test_a_wait_ends_empty_when_its_time_is_up(broker: Broker, queue: Queue) -> None:
    assert await broker.receive(queue, LONG._replace(wait_ms=20), never) == []


async def test_who_went_away_is_given_nothing(broker: Broker, queue: Queue) -> None:
    gone = asyncio.Event()

    async def leave() -> None:
        await gone.wait()

    receiver = asyncio.ensure_future(broker.receive(queue, LONG, leave))
    await settle()
    gone.set()
    await settle()
    broker.send(queue, [draft("a")])
    assert await receiver == []
    assert (await broker.receive(queue, SHORT, never))[0].receives == 1


async def test_what_reached_one_who_just_went_is_given_back_uncounted(
    broker: Broker, queue: Queue
) -> None:
    gone = asyncio.Event()

    async def leave() -> None:
        await gone.wait()

    receiver = asyncio.ensure_future(broker.receive(queue, LONG, leave))
    await settle()
    gone.set()
    broker.send(queue, [draft("a")])
    assert await receiver == []
    assert (await broker.receive(queue, SHORT, never))[0].receives == 1


async def test_dead_letters_wake_who_waits_for_them(broker: Broker) -> None:
    dead = broker.queues.create("dead", {}, {})
    policy = {"deadLetterTargetArn": "arn:aws:sqs:r:0:dead", "maxReceiveCount": 1}
    queue = broker.queues.create("jobs", {"RedrivePolicy": json.dumps(policy)}, {})
    broker.send(queue, [draft("bad")])
    await broker.receive(queue, SHORT._replace(visibility_ms=0), never)
    receiver = waiting(broker, dead)
    await settle()
    assert await broker.receive(queue, SHORT, never) == []
    assert bodies(await asyncio.wait_for(receiver, 5)) == ["bad"]


async def test_queues_that_redrive_in_a_circle_do_not_hang(broker: Broker) -> None:
    for name, other in (("left", "right"), ("right", "left")):
        policy = {"deadLetterTargetArn": f"arn:aws:sqs:r:0:{other}", "maxReceiveCount": 1}
        broker.queues.create(name, {"RedrivePolicy": json.dumps(policy)}, {})
    left, right = broker.queues.get("left"), broker.queues.get("right")
    receiver = waiting(broker, right)
    await settle()
    broker.send(left, [draft("a")])
    for _ in range(3):
        assert bodies(await broker.receive(left, SHORT._replace(visibility_ms=0), never)) == ["a"]
    broker.drain()
    assert await receiver == []


async def test_deleting_a_queue_tells_who_waits_for_it(broker: Broker, queue: Queue) -> None:
    receiver = waiting(broker, queue)
    await settle()
    broker.delete_queue(queue)
    with pytest.raises(QueueDoesNotExistError):
        await receiver
    with pytest.raises(QueueDeletedRecentlyError):
        broker.queues.create("jobs", {}, {})


async def test_nobody_waits_while_draining(broker: Broker, queue: Queue) -> None:
    receiver = waiting(broker, queue)
    await settle()
    broker.drain()
    assert await receiver == []
    assert await asyncio.wait_for(broker.receive(queue, LONG, never), 1) == []


async def test_a_purge_empties_and_rests(broker: Broker, queue: Queue) -> None:
    broker.send(queue, [draft("a")])
    broker.purge(queue)
    assert broker.count(queue) == Counts(0, 0, 0)
    with pytest.raises(PurgeQueueInProgressError):
        broker.purge(queue)


async def test_a_purge_leaves_no_group_to_look_for(broker: Broker, queue: Queue) -> None:
    broker.send(queue, [draft(f"m{n}")._replace(group=f"g{n}") for n in range(2_000)])
    broker.purge(queue)
    asked = 0

    def count(_: str) -> None:
        nonlocal asked
        asked += 1

    broker._database.connection.set_trace_callback(count)
    assert await broker.receive(queue, SHORT, never) == []
    broker._database.connection.set_trace_callback(None)
    assert asked < 100


async def test_a_purge_that_was_rolled_back_leaves_all_to_be_found(
    broker: Broker, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.send(queue, [draft("a")])
    purge = MessageTable.purge

    def full(table: MessageTable, queue: Queue) -> None:
        purge(table, queue)
        raise OSError("no space left on device")

    monkeypatch.setattr(MessageTable, "purge", full)
    with pytest.raises(OSError, match="no space"):
        broker.purge(queue)
    assert len(await broker.receive(queue, SHORT, never)) == 1


async def test_everything_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = Database(tmp_path)
    broker = Broker(first, wall_clock)
    queue = broker.queues.create("jobs", {"VisibilityTimeout": "7"}, {"team": "x"})
    broker.send(queue, [draft("a"), draft("b")])
    held = await broker.receive(queue, SHORT._replace(limit=1), never)
    first.close()

    second = Database(tmp_path)
    broker = Broker(second, wall_clock)
    queue = broker.queues.get("jobs")
    assert (queue.visibility_ms, queue.tags) == (7_000, {"team": "x"})
    assert broker.count(queue) == Counts(1, 1, 0)
    assert second.nonce == first.nonce
    broker.delete([held[0].handle])
    assert broker.count(queue) == Counts(1, 0, 0)
    second.close()
