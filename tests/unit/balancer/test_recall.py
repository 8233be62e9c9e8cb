"""Balancers that follow each other over one deployment: each begins with what the one before knew."""

import asyncio

import pytest

from balancer.leader import elapsed
from balancer.plan import Limits
from balancer.policies.criterion import plan
from balancer.ruling import Ruling
from balancer.wiring import CLOCK, wire
from wire.errors import QueueUnavailable
from wire.settings import BalancerSettings

LIMITS = Limits(min_workers=1, max_workers=4)


class Balancing:
    """One balancer, wired as it is in its process; `told` is what its ticks saw and did."""

    def __init__(self, place, monkeypatch) -> None:
        # The store keeps its lease, the queues their messages: all by the one clock of the place.
        monkeypatch.setattr("balancer.wiring.CLOCK", place.clock)
        self.place = place
        settings = BalancerSettings(fleet="dry-run", deployment="test", max_workers=4)
        self.parts = wire(
            settings,
            (plan, LIMITS),
            place.fleet,
            [],
            place.shared,
            place.queues,
            place.store,
            place.reports,
        )
        self.told = []
        loop = self.parts.balancer
        tell = loop._tell

        def told(tick) -> None:
            tell(tick)
            self.told.append(tick)

        loop._tell = told

    async def lead(self) -> bool:
        """As the first thing of a term."""
        await self.parts.leader.step()
        assert self.parts.leader.may_act()
        return await self.parts.balancer._begin()

    async def tick(self) -> None:
        """One tick and the paperwork after it."""
        seen = len(self.told)
        await self.parts.balancer.on_tick()
        assert len(self.told) == seen + 1
        over = asyncio.Event()
        over.set()
        await self.parts.paperwork.run(over)
        self.place.clock.now += 5

    async def leave(self) -> None:
        await self.parts.leader.release()


@pytest.fixture
def balancers(place, monkeypatch):
    return lambda: Balancing(place, monkeypatch)


async def test_the_next_one_knows_who_works_where_and_what_came_before(place, balancers) -> None:
    first, second = balancers(), balancers()
    place.fleet.present = ["a", "b", "c"]
    await first.lead()
    await place.report("a", "ready")
    await place.report("b", "busy", throughput=20.0)
    await place.report("c", "draining")
    await first.tick()
    place.clock.now += 30  # the heartbeat at which a ledger is kept though nothing changed
    await first.tick()
    await first.leave()
    await second.lead()
    await second.tick()
    [saw] = [tick.saw for tick in second.told]
    assert (saw.workers, saw.idle, saw.busy, saw.draining) == (2, 1, 1, 1)
    assert saw.service_seconds == pytest.approx(0.05)
    assert [each.queued for each in saw.past] == [0, 0]
    assert second.told[0].epoch == 2


async def test_one_that_leads_again_forgets_what_it_knew_of_those_who_went(
    place, balancers
) -> None:
    first, second = balancers(), balancers()
    place.fleet.present = ["went", "stays"]
    await first.lead()
    await place.report("replica", "started", kind="api", submitted=0)
    await first.tick()
    await first.leave()
    await second.lead()
    await place.report("stays", "ready")
    await place.report("went", "ready")
    await place.report("replica", "busy", kind="api", submitted=50_000)
    await second.tick()
    place.fleet.present = ["stays"]
    await second.tick()
    await second.leave()
    await first.lead()
    await place.report("replica", "busy", kind="api", submitted=50_007)
    await first.tick()
    saw = first.told[-1].saw
    assert (saw.workers, saw.idle, saw.launching, saw.arrived) == (1, 1, 0, 0)
    assert first.told[-1].done.launch == 0
    # `went` was launching when the first one knew it last: it is no boot that failed here.
    assert first.parts.balancer._ledger.failed_boots == 0
    assert first.told[-1].epoch == 3


async def test_a_lease_that_only_lapsed_changes_nothing(place, balancers) -> None:
    only = balancers()
    place.fleet.present = ["a"]
    await only.lead()
    await place.report("a", "ready")
    await only.tick()
    await place.report("a", "busy")
    await only.parts.balancer.on_tick()  # known here, not yet kept
    place.clock.now += 5
    await only.lead()
    await only.tick()
    assert only.told[-1].saw.busy == 1
    assert {tick.epoch for tick in only.told} == {1}


async def test_nothing_kept_that_can_be_read_is_a_new_beginning(place, balancers) -> None:
    await place.store.put("state/ledger.json", b"{half")
    only = balancers()
    place.fleet.present = ["a"]
    await only.lead()
    await only.tick()
    assert only.told[-1].saw.launching == 1


async def test_what_s3_refuses_ends_nobody(place, balancers, monkeypatch) -> None:
    only = balancers()
    read = place.store.read

    async def refuse(key: str):
        if key == "state/ledger.json":
            raise ValueError("AccessDenied")
        return await read(key)

    await balancers().lead()
    place.clock.now += 60
    monkeypatch.setattr(place.store, "read", refuse)
    await only.parts.leader.step()
    only.parts.leader._seen_at -= 60
    await only.lead()
    await only.tick()
    assert only.told[-1].done.launch == 1


async def test_the_first_seconds_of_a_term_send_nobody_away_and_find_nobody_silent(
    place, balancers
) -> None:
    first, second = balancers(), balancers()
    place.fleet.present = ["a", "b", "c", "d"]
    await first.lead()
    for worker in place.fleet.present:
        await place.report(worker, "ready")
    await first.tick()
    await first.leave()
    place.clock.now += 600  # nobody led for so long
    await place.shared.requests.send("x")
    await second.lead()
    await second.tick()
    assert second.told[0].wanted.terminate > 0
    assert second.told[0].done.terminate == 0
    assert second.told[0].ended == ()
    await second.tick()
    await second.tick()
    assert second.told[-1].done.terminate > 0


@pytest.mark.parametrize("key", ["state/limits.json", "state/ledger.json"])
async def test_what_s3_did_not_answer_is_asked_again_before_anything_is_done(
    place, balancers, monkeypatch, key
) -> None:
    first, second = balancers(), balancers()
    place.fleet.present = ["a"]
    await first.lead()
    await place.report("a", "ready")
    for _ in range(3):
        await first.tick()
    await first.leave()
    await place.store.put("state/limits.json", Ruling(paused=True).encode().encode())
    read = place.store.read

    async def away(asked: str):
        if asked == key:
            raise QueueUnavailable
        return await read(asked)

    with monkeypatch.context() as outage:
        outage.setattr(place.store, "read", away)
        assert not await second.lead()
    assert await second.parts.balancer._begin()
    await second.tick()
    assert second.told[0].rules.paused
    assert len(second.told[0].saw.past) == 1


async def test_where_nothing_is_kept_nobody_waits(balancers) -> None:
    assert await balancers().lead()


async def test_a_term_begins_with_an_empty_purse_and_a_queue_nobody_saw(place, balancers) -> None:
    only = balancers()
    place.fleet.present = ["a"]
    await only.lead()
    await only.tick()
    place.clock.now += 3600  # nobody led for so long
    await only.lead()
    await only.tick()
    assert only.told[0].saw.empty_since is not None
    assert only.told[1].saw.empty_since == only.told[1].at


def test_a_balancers_clock_goes_on_while_the_machine_sleeps() -> None:
    assert CLOCK is elapsed
