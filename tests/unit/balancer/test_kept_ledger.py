"""The ledger in S3: it comes back as it was, on another clock, and belongs to whoever leads."""

import asyncio
import random
import time

import pytest

from balancer.fleet import FleetWorker
from balancer.inbox import Heard
from balancer.keeping import KEY, Keeper
from balancer.ledger import Ledger
from balancer.plan import Limits, Past, Plan, Snapshot
from balancer.rules import Rules
from balancer.saved import Holds, Saved, read, restore, save
from balancer.tick import Tick
from wire.errors import QueueUnavailable
from wire.memory import MemoryStore
from wire.messages import Report
from wire.store import Kept

PLAN = Plan(desired=1, reason="why")
HOLDS = Holds(
    policy="p",
    set_min=0,
    set_max=2,
    min_workers=0,
    max_workers=2,
    bound="W_max",
    every=5.0,
    paused=False,
    workers=1,
    hourly=0.0,
)


def tick(epoch: int = 3, number: int = 7) -> Tick:
    return Tick(number, epoch, 0.0, Snapshot(0, 0, 1), Rules(Limits()), PLAN, PLAN)


def heard(worker: str, state: str, at: float, **more) -> Heard:
    return Heard(Report(sender=worker, kind="worker", state=state, **more), at=at, sent_at=9e8 + at)


def filled() -> Ledger:
    ledger = Ledger()
    present = [FleetWorker(name, 9e8, hourly=0.1) for name in ("boots", "busy", "leaves", "ends")]
    ledger.admit([*present, FleetWorker("lost", 9e8, promised=True)], 100.0)
    for name in ("busy", "leaves", "ends"):
        ledger.hear(heard(name, "ready", 104.0))
    ledger.hear(heard("busy", "busy", 110.0, served=5, throughput=40.0, service_seconds=0.2))
    ledger.hear(heard("leaves", "draining", 111.0))
    ledger.rows["ends"].ending = True
    ledger.admit([FleetWorker("fell", 9e8, hourly=0.1)], 111.0)
    ledger.dismiss([*present, FleetWorker("lost", 9e8)], 112.0)
    ledger.service_seconds()
    return ledger


PAST = (Past(105.0, 4, 2, 3, 1, 6.0, 2, launching=1), Past(110.0, 0, 0, 3, 1, 0.0, 1))


def through_s3(ledger: Ledger, now: float, age: float) -> tuple[Saved, Kept]:
    data = save(ledger, PAST, tick(), HOLDS, now).encode().encode()
    kept = Kept(data, "etag", age)
    found = read(kept)
    assert found is not None
    return found, kept


def test_a_restarted_balancer_has_the_picture_of_the_one_before() -> None:
    saved, kept = through_s3(filled(), now=115.0, age=20.0)
    heir = Ledger()
    past = restore(saved, kept.age, heir, now=5000.0)
    # 115 there was 20 s ago here.
    ago = 5000.0 - 20.0 - 115.0
    assert set(heir.rows) == {"boots", "busy", "leaves", "ends"}
    assert heir.rows["boots"].launching
    assert heir.rows["boots"].seen_at == pytest.approx(100.0 + ago)
    busy = heir.rows["busy"]
    assert (busy.busy, busy.last.served, busy.throughput, busy.hourly) == (True, 5, 40.0, 0.1)
    assert busy.ready_at == pytest.approx(104.0 + ago)
    assert busy.heard_at == pytest.approx(110.0 + ago)
    assert heir.rows["leaves"].draining_at == pytest.approx(111.0 + ago)
    assert not heir.rows["ends"].leaving
    assert heir.staying(5000.0) == 3
    assert heir.failed_boots == 1
    assert heir.failed_at == pytest.approx(112.0 + ago)
    assert heir.measures.service_seconds == pytest.approx(1 / 40)
    assert heir.price == pytest.approx(0.1)
    assert [each.at - ago for each in past] == pytest.approx([105.0, 110.0])
    assert past[0] == Past(past[0].at, 4, 2, 3, 1, 6.0, 2, 1)


def test_the_last_tick_before_a_quick_restart_is_a_tick_ago() -> None:
    saved, _ = through_s3(filled(), now=110.0, age=0.0)
    past = restore(saved, 0.0, Ledger(), now=5000.0)
    assert [each.at for each in past] == pytest.approx([4990.0, 4995.0])


def test_measured_boots_come_back() -> None:
    ledger = filled()
    ledger.measures.booted(4.5, 4.0)
    saved, _ = through_s3(ledger, 115.0, 0.0)
    heir = Ledger()
    restore(saved, 0.0, heir, 0.0)
    assert list(heir.measures.boots) == list(ledger.measures.boots)


def test_what_was_heard_later_stays() -> None:
    saved, _ = through_s3(filled(), 115.0, 5.0)
    ledger = filled()
    ledger.hear(heard("busy", "idle", 117.0))
    ledger.hear(heard("boots", "ready", 118.0))
    restore(saved, 5.0, ledger, 120.0)
    assert ledger.rows["busy"].idle
    assert ledger.rows["boots"].ready_at == 118.0


def test_what_is_served_is_not_counted_again_after_a_restart() -> None:
    saved, _ = through_s3(filled(), 115.0, 1.0)
    heir = Ledger()
    restore(saved, 1.0, heir, 0.0)
    heir.hear(heard("busy", "busy", 120.0, served=9))
    assert heir.served == 4


@pytest.mark.parametrize(
    "data", [b"", b"not json", b"{}", b'{"epoch": 1, "tick": 2, "rows": [[1]]}']
)
def test_a_damaged_ledger_is_none(data) -> None:
    assert read(Kept(data, "etag", 0.0)) is None


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def saved(epoch: int, number: int = 1) -> Saved:
    return save(Ledger(), (), tick(epoch, number), HOLDS, 0.0)


async def kept_tick(store: MemoryStore) -> tuple[int, int]:
    found = read(await store.read(KEY))
    return found.epoch, found.tick


async def test_it_is_written_at_once_when_something_changed_and_at_every_heartbeat(clock) -> None:
    store = MemoryStore()
    keeper = Keeper(store, 30.0, clock)
    await keeper.load()
    assert keeper.wants(0)
    keeper.give(saved(1), 0)
    await keeper.write()
    assert not keeper.wants(0)
    assert keeper.wants(1)
    clock.now = 30.0
    assert keeper.wants(0)


async def test_the_newest_is_what_is_written_and_only_once(clock) -> None:
    store = MemoryStore()
    keeper = Keeper(store, 30.0, clock)
    await keeper.load()
    keeper.give(saved(1, 1), 1)
    keeper.give(saved(1, 2), 2)
    await keeper.write()
    assert await kept_tick(store) == (1, 2)
    await store.delete(KEY)
    await keeper.write()
    assert await store.get(KEY) is None


async def test_a_deposed_leader_does_not_overwrite_its_successors(clock) -> None:
    store = MemoryStore()
    former, heir = Keeper(store, 30.0, clock), Keeper(store, 30.0, clock)
    await former.load()
    former.give(saved(1, 1), 1)
    await former.write()
    await heir.load()
    former.give(saved(1, 2), 2)  # still under way while the other one takes over
    await former.write()
    heir.give(saved(2, 1), 1)
    await heir.write()
    assert await kept_tick(store) == (2, 1)
    for number in range(3, 6):
        former.give(saved(1, number), number)
        await former.write()
        assert await kept_tick(store) == (2, 1)
    assert await heir.epoch() == 2


async def test_an_outage_leaves_it_to_be_written_later(clock, monkeypatch) -> None:
    store = MemoryStore()
    keeper = Keeper(store, 30.0, clock)

    async def away(*_: object) -> None:
        raise QueueUnavailable

    keeper.give(saved(1), 1)
    with monkeypatch.context() as outage:
        outage.setattr(store, "replace", away)
        with pytest.raises(QueueUnavailable):
            await keeper.write()
    await keeper.write()
    assert await kept_tick(store) == (1, 1)


async def test_writers_at_once_leave_the_ledger_of_the_highest_epoch(clock) -> None:
    luck = random.Random(1)

    class Slow(MemoryStore):
        async def replace(self, *arguments):
            await asyncio.sleep(luck.random() / 1000)
            return await super().replace(*arguments)

    store = Slow()
    keepers = {epoch: Keeper(store, 30.0, clock) for epoch in (1, 2, 3)}
    for number in range(20):
        for epoch, keeper in keepers.items():
            keeper.give(saved(epoch, number), number)
        await asyncio.gather(*(keeper.write() for keeper in keepers.values()))
    assert (await kept_tick(store))[0] == 3


def test_ten_thousand_workers_hold_a_tick_up_for_a_moment_only() -> None:
    ledger = Ledger()
    ledger.admit([FleetWorker(f"i-{n:017x}", 9e8, hourly=0.1) for n in range(10_000)], 100.0)
    for worker in ledger.rows:
        ledger.hear(heard(worker, "busy", 110.0, served=5, throughput=40.0))
    past = tuple(Past(float(n), 1, 1, 1, 1, 1.0, 1) for n in range(360))
    began = time.process_time()
    kept = save(ledger, past, tick(), HOLDS, 115.0)
    taken = time.process_time() - began
    data = kept.encode().encode()
    print(f"{1000 * taken:.0f} ms in the tick, {len(data)} bytes")
    assert taken < 0.5
    assert len(read(Kept(data, "", 0.0)).rows) == 10_000
