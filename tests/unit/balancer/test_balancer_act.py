"""Plans are carried out, and no further than is safe."""

from dataclasses import replace

import pytest

from balancer.act import Actor, LeaseRanOut
from balancer.boots import Boots
from balancer.fleet import FleetWorker, Order
from balancer.inbox import Heard
from balancer.ledger import UNANSWERED_FOR, Ledger
from balancer.patience import Patience
from balancer.plan import Plan
from balancer.watch import Watch
from wire.errors import QueueUnavailable
from wire.messages import Report, Terminate


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def actor(place, ledger) -> Actor:
    patience = Patience(boot=60, silence=120, stop=30)
    return Actor(place.fleet, place.shared.terminate, ledger, Watch(place.clock()), patience)


async def test_launches(place, actor) -> None:
    await actor.act(Plan(2, "why", launch=2), Order(0, 1, 1), place.clock())
    assert place.fleet.launched == [2]


async def test_terminates_are_sent_and_remembered(place, actor, ledger) -> None:
    ledger.admit([FleetWorker(f"w{number}", 0.0) for number in range(9)], 0.0)
    await actor.act(Plan(2, "why", terminate=7), Order(0, 1, 42), place.clock())
    sent = [Terminate.decode(body) for body in await place.bodies(place.shared.terminate)]
    assert [(each.reason, each.tick) for each in sent] == [("why", 42)] * 7
    assert ledger.staying(place.clock()) == 2


async def test_terminates_that_may_have_been_sent_count_as_sent(
    place, actor, ledger, monkeypatch
) -> None:
    async def down(bodies) -> None:
        raise QueueUnavailable

    ledger.admit([FleetWorker("a", 0.0), FleetWorker("b", 0.0)], 0.0)
    monkeypatch.setattr(place.shared.terminate, "send_many", down)
    done, fault = await actor.act(Plan(1, "why", terminate=1), Order(0, 1, 1), place.clock())
    assert isinstance(fault, QueueUnavailable)
    assert done.terminate == 1
    assert "broken off" in done.reason
    assert ledger.staying(place.clock()) == 1


async def test_launches_are_held_back_while_workers_fall_over(place, actor, ledger) -> None:
    ledger.admit([FleetWorker("a", 0.0)], place.clock())
    ledger.dismiss([], place.clock())
    done, _ = await actor.act(Plan(2, "why", launch=2), Order(0, 1, 1), place.clock())
    assert (place.fleet.launched, done.launch) == ([], 0)
    assert "1 boots failed" in done.reason
    place.clock.now += 5
    done, _ = await actor.act(Plan(2, "why", launch=2), Order(0, 1, 2), place.clock())
    assert done.launch == 2
    assert place.fleet.launched == [2]


async def test_a_worker_that_never_gets_ready_is_ended_once(place, actor, ledger) -> None:
    ledger.admit([FleetWorker("a", 0.0)], place.clock())
    place.clock.now += 61
    ended, _ = await actor.end_overdue(place.clock())
    assert [late.worker for late in ended] == ["a"]
    assert await actor.end_overdue(place.clock()) == ([], None)
    assert place.fleet.ended == [("a", 5.0)]
    assert ledger.staying(place.clock()) == 0


async def test_orders_carry_epoch_tick_and_money(place, actor, monkeypatch) -> None:
    orders = []

    async def launch(order: Order) -> int:
        orders.append(order)
        return 1

    monkeypatch.setattr(place.fleet, "launch", launch)
    done, _ = await actor.act(Plan(2, "why", launch=2), Order(0, 7, 3, 0.5), place.clock())
    assert orders == [Order(2, 7, 3, 0.5)]
    assert done.launch == 1


async def test_the_fleet_is_tended_after_the_launches_on_every_tick(
    place, actor, monkeypatch
) -> None:
    told = []

    async def tend(order: Order) -> None:
        told.append((order, list(place.fleet.launched)))

    monkeypatch.setattr(place.fleet, "tend", tend)
    await actor.act(Plan(0, "why"), Order(0, 1, 1, 0.2), place.clock())
    await actor.act(Plan(1, "why", launch=1), Order(0, 1, 2), place.clock())
    assert told == [(Order(0, 1, 1, 0.2), []), (Order(0, 1, 2), [1])]


async def test_nothing_is_done_once_the_lease_ran_out(place, ledger) -> None:
    left = [True]
    patience = Patience(boot=60, silence=120, stop=30)
    watch = Watch(place.clock())
    actor = Actor(
        place.fleet, place.shared.terminate, ledger, watch, patience, lambda: bool(left.pop())
    )
    ledger.admit([FleetWorker("a", 0.0), FleetWorker("b", 0.0)], place.clock())
    left[:] = [False]
    done, fault = await actor.act(Plan(2, "why", launch=2), Order(0, 1, 1), place.clock())
    assert (done.launch, type(fault)) == (0, LeaseRanOut)
    left[:] = [False]
    done, fault = await actor.act(Plan(2, "why", terminate=2), Order(0, 1, 1), place.clock())
    assert (done.terminate, type(fault)) == (0, LeaseRanOut)
    place.clock.now += 61
    left[:] = [False, True]  # it runs out after the first
    ended, fault = await actor.end_overdue(place.clock())
    assert ([late.worker for late in ended], type(fault)) == (["a"], LeaseRanOut)
    assert place.fleet.launched == []
    assert await place.bodies(place.shared.terminate) == []
    assert [worker for worker, _ in place.fleet.ended] == ["a"]
    assert [row.ending for row in ledger.rows.values()] == [True, False]


async def test_a_successor_sends_no_terminates_while_its_predecessors_may_be_about(
    place, actor
) -> None:
    actor.begin(place.clock())
    done, _ = await actor.act(Plan(1, "why", terminate=3), Order(0, 2, 1), place.clock())
    assert done.terminate == 0
    assert "the balancer before" in done.reason
    place.clock.now += UNANSWERED_FOR
    done, _ = await actor.act(Plan(1, "why", terminate=3), Order(0, 2, 2), place.clock())
    assert done.terminate == 3


@pytest.mark.parametrize("state", ["ready", "idle", "busy"])
async def test_who_works_again_before_its_end_is_spared(place, actor, ledger, state) -> None:
    place.fleet.present = ["a", "asked"]
    place.fleet.deaf = {"a"}
    ledger.admit(await place.fleet.workers(), place.clock())
    place.clock.now += 61
    await actor.end_overdue(place.clock())
    ledger.admit(await place.fleet.workers(), place.clock())
    assert ledger.staying(place.clock()) == 0
    for worker in place.fleet.present:
        report = Report(sender=worker, kind="worker", state=state)
        ledger.hear(Heard(report, place.clock(), place.clock()))
    await actor.end_overdue(place.clock())
    ledger.admit(await place.fleet.workers(), place.clock())
    assert [(row.id, row.ending) for row in ledger.rows.values()] == [("a", False), ("asked", True)]
    assert ledger.staying(place.clock()) == 1


@pytest.mark.parametrize("words", [["started"], ["draining"], ["ready", "draining", "stopped"]])
async def test_who_does_not_work_is_not_spared(place, actor, ledger, words) -> None:
    place.fleet.present, place.fleet.deaf = ["a"], {"a"}
    ledger.admit(await place.fleet.workers(), place.clock())
    place.clock.now += 61
    await actor.end_overdue(place.clock())
    for word in words:
        report = Report(sender="a", kind="worker", state=word)
        ledger.hear(Heard(report, place.clock(), place.clock()))
    assert await actor.end_overdue(place.clock()) == ([], None), "spared, and ended anew"
    assert [worker for worker, _ in place.fleet.ended] == ["a"]


async def test_where_workers_share_a_machine_the_next_boots_when_the_last_is_ready(
    place, ledger
) -> None:
    patience = Patience(boot=60, silence=120, stop=30)
    watch = Watch(place.clock())
    one = Boots(at_once=1, usual=10)
    actor = Actor(place.fleet, place.shared.terminate, ledger, watch, patience, boots=one)
    three = Plan(3, "why", launch=3)
    done, _ = await actor.act(three, Order(0, 1, 1), place.clock())
    assert (place.fleet.launched, done.launch, done.bound) == ([1], 1, "booting")
    assert done.held_back == 2
    ledger.admit([FleetWorker("a", 0.0)], place.clock())
    done, _ = await actor.act(replace(three, bound="W_max"), Order(0, 1, 2), place.clock())
    assert (place.fleet.launched, done.launch, done.held_back) == ([1], 0, 3)
    assert done.bound == "W_max"
    assert done.reason == "why; 1 boots at a time here"
    ready = Report(sender="a", kind="worker", state="ready")
    ledger.hear(Heard(ready, sent_at=place.clock(), at=place.clock()))
    done, _ = await actor.act(replace(three, launch=1), Order(0, 1, 3), place.clock())
    assert (place.fleet.launched, done.launch, done.bound) == ([1, 1], 1, None)


async def test_a_boot_that_hangs_keeps_the_next_from_booting_for_as_long_as_two_take(
    place, ledger
) -> None:
    patience, watch = Patience(boot=120, silence=120, stop=30), Watch(place.clock())
    one = Boots(at_once=1, usual=10)
    actor = Actor(place.fleet, place.shared.terminate, ledger, watch, patience, boots=one)
    three, began = Plan(3, "why", launch=3), place.clock()
    ledger.admit([FleetWorker("hung", 0.0)], began)
    place.clock.now = began + 19.9
    done, _ = await actor.act(three, Order(0, 1, 1), place.clock())
    assert (place.fleet.launched, done.launch) == ([], 0)
    place.clock.now = began + 20
    done, _ = await actor.act(three, Order(0, 1, 2), place.clock())
    assert (place.fleet.launched, done.launch, done.held_back) == ([1], 1, 2)
    assert await actor.end_overdue(place.clock()) == ([], None), "its grace is as long as ever"
    ledger.admit([FleetWorker("hung", 0.0), FleetWorker("next", 0.0)], place.clock())
    done, _ = await actor.act(three, Order(0, 1, 3), place.clock())
    assert (place.fleet.launched, done.launch) == ([1], 0), "the new one takes its place"
