"""A consumer of what all replicas share, on the queue's twin."""

import asyncio

import pytest

from api.chores.consumer import Consumer, Later, Unusable, pause
from api.chores.handlers import STRANGE, Chores
from wire.memory import MemoryQueues
from wire.messages import Chore
from wire.queues import QueueOptions


class Account:
    """Two queues and who consumes one of them."""

    def __init__(self, queues, dead_letter):
        self.queues, self.dead_letter = queues, dead_letter
        self.running: list[tuple[Consumer, asyncio.Task]] = []

    def consume(self, queue, handle, **given) -> Consumer:
        options = {"room": 20, "poll_wait": 20.0, "visibility": 1} | given
        consumer = Consumer("chores", handle, **options)
        task = asyncio.create_task(consumer.run(queue, self.dead_letter))
        self.running.append((consumer, task))
        return consumer


@pytest.fixture
async def account():
    queues = MemoryQueues()
    made = Account(queues, await queues.ensure("dead", QueueOptions()))
    yield made
    for consumer, task in made.running:
        await consumer.stop(0.1)
        async with asyncio.timeout(5):
            await task


@pytest.fixture
async def queue(account):
    return await account.queues.ensure("chores", QueueOptions(visibility=1))


async def emptied(queue) -> None:
    async with asyncio.timeout(10):
        while (depth := await queue.depth()).visible + depth.in_flight:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_is_done_is_deleted_and_what_fails_comes_again(account, queue) -> None:
    seen: list[tuple[str, int]] = []

    async def handle(received):
        seen.append((received.body, received.receive_count))
        if received.body == "fails" and received.receive_count == 1:
            raise RuntimeError
        if received.body == "later" and received.receive_count == 1:
            raise Later(0)

    account.consume(queue, handle)
    await queue.send_many(["done", "fails", "later"])
    await emptied(queue)
    assert sorted(seen) == [("done", 1), ("fails", 1), ("fails", 2), ("later", 1), ("later", 2)]


async def test_work_that_lasts_is_kept_from_everybody_else(account, queue) -> None:
    seen, over = [], asyncio.Event()

    async def handle(received):
        seen.append(received.body)
        await asyncio.sleep(2.5)  # two and a half visibility time-outs
        over.set()

    for _ in range(2):
        account.consume(queue, handle)
    await queue.send("long")
    await over.wait()
    await emptied(queue)
    assert seen == ["long"]


async def test_who_stops_gives_back_what_is_not_done(account, queue) -> None:
    begun, seen = asyncio.Event(), []

    async def hangs(received):
        begun.set()
        await asyncio.Event().wait()

    async def works(received):
        seen.append(received.body)

    # A visibility that outlasts the test: only what is given back can be seen again.
    first = account.consume(queue, hangs, visibility=600)
    await queue.send("a")
    await begun.wait()
    await first.stop(0.05)
    account.consume(queue, works)
    await emptied(queue)
    assert seen == ["a"]


async def test_no_more_are_taken_than_there_is_room_for(account, queue) -> None:
    busy, most = 0, 0

    async def handle(received):
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.01)
        busy -= 1

    account.consume(queue, handle, room=12)
    await queue.send_many([str(i) for i in range(100)])
    await emptied(queue)
    assert 2 < most <= 12


async def test_chores_go_to_who_does_them_and_nonsense_is_set_aside(account, queue) -> None:
    done = []

    async def do(chore, received):
        done.append(chore.payload)

    account.consume(queue, Chores({"feed": do}))
    await queue.send_many([Chore(kind="feed", payload={"a": 1}).encode(), "no json"])
    await emptied(queue)
    assert done == [{"a": 1}]
    assert [each.body for each in await account.dead_letter.receive(10, 0)] == ["no json"]


async def test_a_kind_that_only_newer_replicas_know_is_left_to_them_for_a_while(queue) -> None:
    handle = Chores({})
    await queue.send(Chore(kind="of tomorrow").encode())
    (received,) = await queue.receive(1, 0)
    with pytest.raises(Later):
        await handle(received)
    late = type(received)(
        **{name: getattr(received, name) for name in received.__slots__}
        | {"receive_count": STRANGE}
    )
    with pytest.raises(Unusable):
        await handle(late)


def test_pauses_grow_and_end() -> None:
    assert all(0.5 <= pause(1) <= 1 for _ in range(50))
    assert all(450 <= pause(1000) <= 900 for _ in range(50))
