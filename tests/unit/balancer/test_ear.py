"""Whose words bring a tick forward, at which cost in calls, and what becomes of them."""

import asyncio
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from balancer.ear import Ear
from balancer.inbox import Inbox
from balancer.ledger import Ledger
from balancer.observe import Observer
from balancer.plan import Limits
from balancer.policies import find, names
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire.errors import QueueUnavailable
from wire.memory import MemoryQueue
from wire.queues import Depth

IDLE = Limits(min_workers=0, max_workers=2)


class Listening:
    """An observer and its ear over queues in memory."""

    def __init__(self, place) -> None:
        self.place, self.ledger = place, Ledger()
        watch = Watch(place.clock())
        self.inbox = Inbox(place.shared.reports, place.shared.dead_letter, place.clock)
        self.observer = Observer(
            place.fleet,
            place.shared.requests,
            self.inbox,
            self.ledger,
            Replicas(watch, 30.0),
            watch,
        )
        self.ear = Ear(place.reports, self.inbox, self.observer.nobody)

    async def word(self, seconds: float = 1.0, stop: asyncio.Event | None = None) -> bool:
        due = asyncio.get_running_loop().time() + seconds
        return await self.ear.word(due, stop or asyncio.Event())

    async def tick(self):
        now = self.place.clock()
        return self.observer.snapshot(await self.observer.look(now), now)


@pytest.fixture
def listening(place) -> Listening:
    return Listening(place)


@pytest.fixture
def calls(monkeypatch) -> list[tuple[str, float]]:
    made: list[tuple[str, float]] = []
    receive = MemoryQueue.receive

    async def counted(self, limit: int = 10, wait: float = 20.0):
        made.append((self.name, wait))
        return await receive(self, limit, wait)

    monkeypatch.setattr(MemoryQueue, "receive", counted)
    return made


async def says(place, state: str = "ready", **more) -> None:
    await place.report("api-1", state, kind="api", **more)


async def test_a_replica_with_waiting_requests_is_heard_at_once_and_counted_at_the_tick(
    place, listening
) -> None:
    asyncio.get_running_loop().call_later(
        0.05, lambda: asyncio.ensure_future(says(place, busy=3, submitted=3, unanswered=3))
    )
    async with asyncio.timeout(5):
        assert await listening.word(60.0)
    assert (await listening.tick()).queued == 3


async def test_jobs_that_nobody_waits_for_are_word_enough(place, listening) -> None:
    await says(place, busy=0, submitted=500, unanswered=500)
    assert await listening.word(60.0)
    assert (await listening.tick()).queued == 500


async def test_one_that_only_lives_brings_no_tick_but_is_heard(place, listening) -> None:
    await says(place, busy=0)
    assert not await listening.word()
    assert (await listening.inbox.take()).heard[0].report.sender == "api-1"


async def test_nobody_listens_while_somebody_works_or_is_about_to(place, listening, calls) -> None:
    place.fleet.present = ["w"]  # launched, and not heard of yet
    await listening.tick()
    calls.clear()
    await says(place, busy=3)
    assert not await listening.word()
    assert calls == []


async def test_those_that_leave_are_nobody(place, listening) -> None:
    place.fleet.present = ["w"]
    await place.report("w", "draining")
    await listening.tick()
    await says(place, busy=3)
    assert await listening.word()


async def test_a_quiet_beat_costs_the_call_that_a_tick_without_an_ear_does(
    place, listening, calls
) -> None:
    await listening.tick()
    before = len(calls)
    calls.clear()
    assert not await listening.word()
    await listening.tick()
    assert len(calls) == before == 1


async def test_an_old_emptiness_is_not_believed(place, listening, calls) -> None:
    assert not await listening.word()
    place.clock.now += 2.0
    await says(place, busy=2, unanswered=2)
    assert (await listening.tick()).queued == 2


async def test_a_stop_leaves_the_poll_and_says_so(listening) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    async with asyncio.timeout(5):
        assert not await listening.word(60.0, stop)
    assert listening.ear.open


async def test_queues_that_are_away_are_the_ticks_business(listening, monkeypatch) -> None:
    async def away(self, limit: int = 10, wait: float = 20.0):
        raise QueueUnavailable

    monkeypatch.setattr(MemoryQueue, "receive", away)
    assert not await listening.word()


async def test_whatever_breaks_the_listening_is_told_and_is_no_word(
    place, listening, monkeypatch, caplog
) -> None:
    """No loop ends of it, and none spins: without a word the beat waits for its time."""
    refused, asked = ClientError({"Error": {"Code": "AccessDenied"}}, "ReceiveMessage"), []

    async def refuses(self, limit: int = 10, wait: float = 20.0):
        asked.append(wait)
        raise refused

    monkeypatch.setattr(MemoryQueue, "receive", refuses)
    assert not await listening.word(3.0)
    assert len(asked) == 1
    assert not listening.ear.open
    assert "listening failed" in caplog.text


async def test_a_report_that_cannot_be_set_aside_takes_no_other_along(
    place, listening, monkeypatch
) -> None:
    await place.shared.reports.send("not json")
    await says(place, busy=1)

    async def down(body: str) -> None:
        raise QueueUnavailable

    monkeypatch.setattr(place.shared.dead_letter, "send", down)
    assert await listening.word()
    assert [each.report.sender for each in (await listening.inbox.take()).heard] == ["api-1"]


@pytest.mark.parametrize("name", names())
async def test_a_count_of_none_does_not_throw_the_word_away(place, listening, name) -> None:
    """The count of SQS lags. Rivals wait by their nature, ours launch at such a tick."""
    await says(place, busy=40, submitted=40, unanswered=40, oldest_wait=0.1)
    assert await listening.word()
    saw = await listening.tick()
    assert (saw.queued, saw.empty_since) == (40, None)
    if name in {"criterion", "forecast", "wait-time"}:
        assert find(name)(saw, IDLE, place.clock()).launch >= 1


async def test_what_is_in_flight_is_not_waiting(place, listening, monkeypatch) -> None:
    async def depth(self) -> Depth:
        return Depth(0, 30)

    monkeypatch.setattr(MemoryQueue, "depth", depth)
    await says(place, busy=40, unanswered=40)
    assert (await listening.tick()).queued == 10


@pytest.mark.parametrize("unanswered", [{"unanswered": 1}, {}])
async def test_requests_that_wait_for_one_job_are_no_evidence_of_more(
    place, listening, unanswered, monkeypatch
) -> None:
    """A replica of an earlier version says nothing of jobs, and SQS is believed."""

    async def depth(self) -> Depth:
        return Depth(1, 0)

    monkeypatch.setattr(MemoryQueue, "depth", depth)
    await says(place, busy=400, submitted=1, oldest_wait=0.1, **unanswered)
    saw = await listening.tick()
    assert saw.queued == 1
    assert find("criterion")(saw, replace(IDLE, max_workers=100), place.clock()).launch == 1


async def test_an_old_word_is_no_evidence(place, listening) -> None:
    await says(place, busy=40, unanswered=40)
    assert (await listening.tick()).queued == 40
    place.clock.now += 11.0
    assert (await listening.tick()).queued == 0
