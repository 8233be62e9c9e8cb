"""Late answers of replicas that are gone are kept by id, and their queues do not stay for good."""

import asyncio

import pytest

from balancer.inbox import Heard
from balancer.reaper import Reaper
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire.messages import Answer, Report
from wire.names import result_key
from wire.queues import QueueOptions


class Ward:
    """A reaper over a deployment in memory; `later` lets ticks pass, each with a look and a round."""

    def __init__(self, place) -> None:
        self.place = place
        self.watch = Watch(place.clock())
        self.replicas = Replicas(self.watch, 30.0)
        self.reaper = Reaper(
            place.queues,
            place.names,
            place.store,
            place.shared.dead_letter,
            self.replicas,
            600.0,
            place.clock,
        )

    async def later(self, seconds: float) -> None:
        end = self.place.clock.now + seconds
        while self.place.clock.now < end:
            self.place.clock.now += 5
            self.watch.looked(self.place.clock.now)
            await self.reaper.reap(self.place.clock.now)

    def hear(self, replica: str, state: str) -> None:
        now = self.place.clock.now
        self.replicas.hear(Heard(Report(sender=replica, kind="api", state=state), now, now))

    async def queue(self, replica: str):
        return await self.place.queues.ensure(self.place.names.responses(replica), QueueOptions())

    async def there(self) -> list[str]:
        return await self.place.queues.names(self.place.names.responses_prefix)


@pytest.fixture
def ward(place) -> Ward:
    return Ward(place)


def answer(uuid: str) -> str:
    return Answer(uuid=uuid, image_url="http://x/", result="cat").encode()


async def test_a_living_replica_keeps_its_queue_and_its_answers(ward) -> None:
    queue = await ward.queue("r")
    await queue.send(answer("1"))
    for _ in range(40):
        ward.hear("r", "busy")
        await ward.later(30)
    assert await ward.there() == ["test-responses-r"]
    assert (await queue.depth()).visible == 1


async def test_answers_to_a_stopped_replica_are_kept_until_its_queue_goes(ward) -> None:
    queue = await ward.queue("r")
    await ward.later(5)
    ward.hear("r", "stopped")
    await queue.send(answer("early"))
    await ward.later(5)
    assert await ward.place.store.get(result_key("early")) == answer("early").encode()
    await queue.send(answer("late"))
    await ward.later(590)
    assert await ward.place.store.get(result_key("late")) is not None
    assert await ward.there() == ["test-responses-r"]
    await ward.later(15)
    assert await ward.there() == []


async def test_answers_to_a_stopped_replica_do_not_wait_for_the_next_listing(ward) -> None:
    await ward.later(5)
    queue = await ward.queue("r")
    await queue.send(answer("1"))
    ward.hear("r", "stopped")
    await ward.later(5)
    assert await ward.place.store.get(result_key("1")) == answer("1").encode()


async def test_a_killed_replica_leaves_nothing_behind(ward) -> None:
    queue = await ward.queue("r")
    await ward.later(5)
    ward.hear("r", "busy")
    for number in range(25):
        await queue.send(answer(str(number)))
    await ward.later(595)
    assert (await queue.depth()).visible == 25
    await ward.later(10)
    assert await ward.there() == []
    kept = await ward.place.store.keys("results/")
    assert len(kept) == 25


async def test_a_queue_whose_replica_was_never_heard_goes_after_the_same_time(ward) -> None:
    await ward.queue("older-than-the-balancer")
    await ward.later(595)
    assert await ward.there() != []
    await ward.later(10)
    assert await ward.there() == []


async def test_a_replica_that_starts_late_is_not_taken_for_an_old_one(ward) -> None:
    await ward.later(900)
    await ward.queue("new")
    await ward.later(120)
    assert await ward.there() == ["test-responses-new"]


async def test_an_answer_that_is_kept_already_is_not_replaced(ward) -> None:
    queue = await ward.queue("r")
    await ward.place.store.put(result_key("1"), b"first")
    ward.hear("r", "stopped")
    await queue.send(answer("1"))
    await ward.later(5)
    assert await ward.place.store.get(result_key("1")) == b"first"
    assert (await queue.depth()).visible == 0


async def test_a_replicas_message_to_itself_is_no_answer_to_keep(ward) -> None:
    queue = await ward.queue("r")
    ward.hear("r", "stopped")
    await queue.send(Answer(uuid="wake", image_url="").encode())
    await ward.later(5)
    assert (await queue.depth()).visible == 0
    assert await ward.place.store.keys("results/") == []


async def test_what_is_no_answer_is_set_aside(ward) -> None:
    queue = await ward.queue("r")
    ward.hear("r", "stopped")
    await queue.send("nonsense")
    await queue.send(answer("1"))
    await ward.later(5)
    assert await ward.place.bodies(ward.place.shared.dead_letter) == ["nonsense"]
    assert await ward.place.store.keys("results/") == ["results/1.json"]


async def test_an_answer_in_somebody_elses_hands_keeps_the_queue(ward) -> None:
    queue = await ward.queue("r")
    await ward.later(590)
    await queue.send(answer("1"))
    [held] = await queue.receive(1, wait=0)
    await queue.extend(held.receipt, 40)
    await ward.later(30)
    assert await ward.there() != []
    await ward.later(30)
    assert await ward.there() == []
    assert await ward.place.store.keys("results/") == ["results/1.json"]


async def test_a_replica_that_removes_its_own_queue_is_no_fault(ward) -> None:
    await ward.queue("r")
    ward.hear("r", "stopped")
    await ward.later(5)
    await ward.place.queues.remove("test-responses-r")
    await ward.later(10)
    assert await ward.there() == []


async def test_nothing_is_reaped_while_reports_are_not_read(ward) -> None:
    await ward.queue("r")
    await ward.later(5)
    ward.hear("r", "busy")
    ward.place.clock.now += 2000
    await ward.reaper.reap(ward.place.clock.now)
    assert await ward.there() == ["test-responses-r"]


async def test_listing_is_done_once_a_minute(ward, monkeypatch) -> None:
    listed = []
    names = ward.place.queues.names

    async def counted(prefix: str) -> list[str]:
        listed.append(prefix)
        return await names(prefix)

    monkeypatch.setattr(ward.place.queues, "names", counted)
    await ward.later(600)
    assert 10 <= len(listed) <= 11


async def test_only_who_may_act_reaps(place) -> None:
    leads, stop = [False], asyncio.Event()
    replicas = Replicas(Watch(place.clock()), 30.0)
    reaper = Reaper(
        place.queues,
        place.names,
        place.store,
        place.shared.dead_letter,
        replicas,
        600.0,
        place.clock,
        lambda: leads[0],
    )
    queue = await place.queues.ensure(place.names.responses("r"), QueueOptions())
    await queue.send(answer("late"))
    stopped = Report(sender="r", kind="api", state="stopped")
    replicas.hear(Heard(stopped, place.clock(), place.clock()))
    running = asyncio.create_task(reaper.run(0.01, stop))
    await asyncio.sleep(0.1)
    assert await place.store.get(result_key("late")) is None
    leads[0] = True
    async with asyncio.timeout(10):
        while await place.store.get(result_key("late")) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    stop.set()
    await running
