"""Ticks written down, and read again."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from balancer.journal import MOST_WAITING, PERIOD, PREFIX, Journal, records
from balancer.others import Opinion
from balancer.paperwork import Paperwork
from balancer.patience import Overdue
from balancer.plan import Limits, Plan, Snapshot
from balancer.rules import Rules
from balancer.tick import Tick
from balancer.tick_record import TickRecord, record
from wire.errors import QueueUnavailable
from wire.journal import Tail
from wire.memory import MemoryStore

NOW = datetime(2026, 3, 1, 12, 59, 30, tzinfo=UTC)
SAW = Snapshot(queued=12, in_flight=3, workers=2, busy=2, empty_since=None, boot_seconds=4.5)
WANTED = Plan(5, "why", launch=3, numbers={"D": 5}, bound="W_max")
TICK = Tick(
    number=7,
    epoch=2,
    at=100.0,
    saw=SAW,
    rules=Rules(Limits(max_workers=9), hourly=0.5),
    wanted=WANTED,
    done=replace(WANTED, launch=2, held_back=1),
    ended=(Overdue("w-1", 5.0, "late", booting=True),),
    hourly=0.2,
    runs_on={"c7a.large spot": 2},
)
OTHERS = {"keda": Opinion(4, 2, 0, "because"), "cortex": Opinion(fault="broke")}


def written(at: datetime = NOW, number: int = 7, quiet: bool = False) -> TickRecord:
    tick = replace(TICK, number=number)
    if quiet:
        tick = replace(tick, ended=(), done=replace(WANTED, launch=0))
    return record(tick, at, "criterion", OTHERS, 0.004, "keda")


def test_a_record_has_what_was_seen_wanted_done_and_what_others_would_have_done() -> None:
    found = TickRecord.model_validate_json(written().line())
    assert found == written()
    assert (found.at, found.tick, found.epoch, found.policy) == (NOW, 7, 2, "criterion")
    assert (found.saw.queued, found.saw.workers, found.saw.boot_seconds) == (12, 2, 4.5)
    assert (found.desired, found.wanted_launch, found.launched, found.bound) == (5, 3, 2, "W_max")
    assert found.held_back == 1
    assert found.numbers == {"D": 5}
    assert found.limits["max_workers"] == 9
    assert [(each.worker, each.reason) for each in found.ended] == [("w-1", "late")]
    assert found.others["keda"] == OTHERS["keda"]
    assert found.others["cortex"].fault == "broke"
    assert found.shadow == "keda"
    assert (found.cost.hourly, found.cost.per_thousand, found.cost.left) == (0.2, 0.004, 0.5)
    assert found.cost.runs_on == {"c7a.large spot": 2}


def test_every_number_of_a_snapshot_is_in_the_record() -> None:
    kept = {"past", "empty_since"}
    assert set(Snapshot.__slots__) - kept <= set(type(written().saw).model_fields)


def test_how_long_the_queue_was_empty_is_kept_and_not_since_when() -> None:
    tick = replace(TICK, saw=replace(SAW, empty_since=70.0))
    assert record(tick, NOW, "p", {}, None).saw.empty_for == 30.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def test_deeds_are_put_at_once_and_quiet_ticks_together(store, clock) -> None:
    journal = Journal(store, clock)
    puts = 0
    for number in range(120):  # ten minutes
        clock.now = 5.0 * number
        journal.note(written(NOW + timedelta(seconds=clock.now), number, quiet=number != 100))
        if journal.is_due():
            await journal.put()
            puts += 1
        if number == 100:
            assert not journal.is_due()
    assert puts <= 2 + 600 / PERIOD
    assert len(await store.keys(PREFIX)) == puts
    found = await records(store, NOW)
    assert [each.tick for each in found] == list(range(found[-1].tick + 1))


async def test_a_file_is_named_for_its_hour_and_its_first_record(store, clock) -> None:
    journal = Journal(store, clock)
    journal.note(written())
    journal.note(written(NOW + timedelta(seconds=60), 8))
    await journal.put()
    await journal.put()
    assert await store.keys("") == ["ticks/2026/03/01/12/5930-000002-00000007.jsonl"]


async def test_an_outage_costs_nothing_but_time_and_the_newest_are_kept(
    store, clock, monkeypatch
) -> None:
    journal = Journal(store, clock)

    async def away(*_: object) -> None:
        raise QueueUnavailable

    with monkeypatch.context() as outage:
        outage.setattr(store, "put", away)
        for number in range(MOST_WAITING + 30):
            journal.note(written(NOW + timedelta(seconds=5 * number), number, quiet=True))
            if number % 100 == 0:
                with pytest.raises(QueueUnavailable):
                    await journal.put()
    await journal.put()
    found = await records(store, NOW)
    assert [each.tick for each in found] == list(range(30, MOST_WAITING + 30))


async def test_a_file_that_was_taken_and_not_acknowledged_never_grows(
    store, clock, monkeypatch
) -> None:
    journal, kept = Journal(store, clock), store.put

    async def unacknowledged(*given: object) -> None:
        await kept(*given)
        raise QueueUnavailable

    journal.note(written())
    with monkeypatch.context() as outage:
        outage.setattr(store, "put", unacknowledged)
        with pytest.raises(QueueUnavailable):
            await journal.put()
    tail = Tail(store, NOW)
    assert [each.tick for each in await tail.more()] == [7]
    journal.note(written(NOW + timedelta(seconds=5), 8))
    await journal.put()
    assert [each.tick for each in await tail.more()] == [8]
    assert [each.tick for each in await records(store, NOW)] == [7, 8]
    assert not journal.is_due()


async def test_what_is_asked_for_is_found_across_hours_and_nothing_older(store, clock) -> None:
    journal = Journal(store, clock)
    for number in range(-30, 30):
        journal.note(written(NOW + timedelta(minutes=number), number + 100))
        if number % 7 == 0:
            await journal.put()
    await journal.put()
    found = await records(store, NOW + timedelta(minutes=-3))
    assert [each.tick for each in found] == list(range(97, 130))
    assert await records(store, NOW + timedelta(hours=3)) == []


async def test_an_hour_of_many_files_is_read_to_its_end(store, clock) -> None:
    journal = Journal(store, clock)
    hour = NOW.replace(minute=0, second=0)
    for number in range(1700):  # a launch or a terminate message every two seconds
        journal.note(written(hour + timedelta(seconds=2 * number), number))
        await journal.put()
    found = await records(store, hour + timedelta(seconds=2 * 1500))
    assert [each.tick for each in found] == list(range(1500, 1700))


async def test_a_line_that_cannot_be_read_costs_itself_only(store, clock) -> None:
    journal = Journal(store, clock)
    journal.note(written())
    await journal.put()
    [key] = await store.keys(PREFIX)
    data = await store.get(key)
    await store.put(key, b"{half\n" + data + b'{"tick": 1}\n')
    assert [each.tick for each in await records(store, NOW)] == [7]


async def test_errands_are_run_when_told_and_once_more_at_the_end() -> None:
    run: list[str] = []

    async def first() -> None:
        run.append("first")
        raise QueueUnavailable

    async def second() -> None:
        run.append("second")
        raise ValueError("a bug")

    async def last() -> None:
        run.append("last")

    paperwork, over = Paperwork((first, second), (last,)), asyncio.Event()
    running = asyncio.create_task(paperwork.run(over))
    await asyncio.sleep(0.05)
    assert run == []
    paperwork.tell()
    await asyncio.sleep(0.05)
    assert run == ["first", "second"]
    over.set()
    await running
    assert run[-1] == "last"


async def test_a_store_that_hangs_holds_no_teller_up() -> None:
    hangs = asyncio.Event()

    async def errand() -> None:
        await hangs.wait()

    paperwork, over = Paperwork((errand,), ()), asyncio.Event()
    running = asyncio.create_task(paperwork.run(over))
    for _ in range(100):
        paperwork.tell()
        await asyncio.sleep(0)
    over.set()
    hangs.set()
    await asyncio.wait_for(running, 5)
