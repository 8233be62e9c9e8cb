"""One look: queue, reports and fleet become a snapshot."""

import pytest

from balancer.act import Actor
from balancer.inbox import Inbox
from balancer.ledger import Ledger
from balancer.observe import Observer
from balancer.patience import Patience
from balancer.plan import Plan, Snapshot
from balancer.replicas import Replicas
from balancer.watch import Watch
from wire.errors import QueueUnavailable


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def watch(place) -> Watch:
    return Watch(place.clock())


class Looking(Observer):
    async def observe(self, now: float) -> Snapshot:
        return self.snapshot(await self.look(now), now)


@pytest.fixture
def observer(place, ledger, watch) -> Looking:
    inbox = Inbox(place.shared.reports, place.shared.dead_letter, place.clock)
    replicas = Replicas(watch, 30.0)
    return Looking(place.fleet, place.shared.requests, inbox, ledger, replicas, watch, 60.0)


async def test_a_snapshot_counts_messages_and_workers(place, observer) -> None:
    place.fleet.present = ["a", "b", "c", "d"]
    await place.report("a", "busy", busy=2, service_seconds=0.1, oldest_wait=3.0)
    await place.report("b", "ready", service_seconds=0.3)
    await place.report("c", "draining")
    await place.shared.requests.send_many(["x"] * 7)
    await place.shared.requests.receive(2, wait=0)
    saw = await observer.observe(place.clock())
    assert (saw.queued, saw.in_flight) == (5, 2)
    assert (saw.workers, saw.busy, saw.idle, saw.launching, saw.draining) == (3, 1, 1, 1, 1)
    assert saw.oldest_wait == 3.0
    assert saw.service_seconds == pytest.approx(0.2)
    assert saw.empty_since is None


async def test_the_oldest_wait_is_what_workers_or_replicas_say(place, observer) -> None:
    place.fleet.present = ["a"]
    await place.report("a", "busy", oldest_wait=3.0)
    await place.report("replica", "busy", kind="api", oldest_wait=9.0)
    await place.shared.requests.send("x")
    assert (await observer.observe(place.clock())).oldest_wait == 9.0
    place.clock.now += 120
    assert (await observer.observe(place.clock())).oldest_wait is None


async def test_a_client_whose_picture_is_in_work_is_no_wait_for_a_worker(place, observer) -> None:
    place.fleet.present = ["a"]
    await place.report("replica", "busy", kind="api", oldest_wait=100.0)
    assert (await observer.observe(place.clock())).oldest_wait is None
    await place.report("a", "busy", oldest_wait=3.0)
    assert (await observer.observe(place.clock())).oldest_wait == 3.0
    # What waits now came since then, however long that client has waited.
    place.clock.now += 5
    await place.report("replica", "busy", kind="api", oldest_wait=105.0)
    await place.shared.requests.send("x")
    assert (await observer.observe(place.clock())).oldest_wait == 5.0
    place.clock.now += 5
    await place.report("a", "busy", oldest_wait=40.0)
    assert (await observer.observe(place.clock())).oldest_wait == 40.0


async def test_an_empty_queue_is_counted_from_its_first_tick(place, observer) -> None:
    began = place.clock.now
    assert (await observer.observe(began)).empty_since == began
    place.clock.now += 5
    assert (await observer.observe(place.clock())).empty_since == began
    await place.shared.requests.send("x")
    assert (await observer.observe(place.clock())).empty_since is None
    [received] = await place.shared.requests.receive(1, wait=0)
    await place.shared.requests.delete(received.receipt)
    place.clock.now += 5
    assert (await observer.observe(place.clock())).empty_since == place.clock.now


async def test_a_tick_that_saw_nothing_breaks_the_run_of_empty_ones(
    place, observer, monkeypatch
) -> None:
    await observer.observe(place.clock())

    async def down() -> None:
        raise QueueUnavailable

    with monkeypatch.context() as outage:
        outage.setattr(place.shared.requests, "depth", down)
        with pytest.raises(QueueUnavailable):
            await observer.observe(place.clock())
    place.clock.now += 5
    assert (await observer.observe(place.clock())).empty_since == place.clock.now


async def test_a_worker_whose_process_is_gone_is_dropped(place, observer, ledger) -> None:
    place.fleet.present = ["a"]
    await place.report("a", "busy")
    await observer.observe(place.clock())
    place.fleet.present = []
    saw = await observer.observe(place.clock())
    assert (saw.workers, saw.busy) == (0, 0)
    assert ledger.rows == {}


async def test_the_last_words_of_a_worker_are_heard(place, observer, ledger) -> None:
    place.fleet.present = ["a"]
    await place.report("a", "started")
    await observer.observe(place.clock())
    place.fleet.present = []
    await place.report("a", "idle", served=12)
    await place.report("a", "stopped", served=12)
    await observer.observe(place.clock())
    assert ledger.served == 12
    assert ledger.failed_boots == 0


async def test_reports_that_were_read_in_part_are_heard_but_are_no_look(
    place, observer, ledger, watch, monkeypatch
) -> None:
    place.fleet.present = ["a"]
    await place.report("a", "busy")

    receive, calls = place.shared.reports.receive, []

    async def once(limit: int, wait: float):
        calls.append(limit)
        if len(calls) > 1:
            raise QueueUnavailable
        return await receive(limit, wait)

    monkeypatch.setattr(place.shared.reports, "receive", once)
    place.clock.now += 40
    await observer.observe(place.clock())
    assert ledger.rows["a"].busy
    assert not watch.is_fresh(place.clock())


async def test_nobody_is_silent_while_reports_are_waiting_to_be_read(
    place, observer, ledger, watch, monkeypatch
) -> None:
    # The one batch of a tick stands for 4 000 reports; all twenty report more often than they are read.
    monkeypatch.setattr("balancer.inbox.MOST_BATCHES", 1)
    patience = Patience(boot=60, silence=120, stop=30)
    place.fleet.present = [f"w{number}" for number in range(20)]
    actor = Actor(place.fleet, place.shared.terminate, ledger, watch, patience)
    for _ in range(100):
        for worker in place.fleet.present:
            await place.report(worker, "busy")
        await observer.observe(place.clock())
        await actor.end_overdue(place.clock())
        place.clock.now += 5
    assert place.fleet.ended == []


async def test_workers_are_fresh_for_the_minute_that_is_paid(place, observer) -> None:
    place.fleet.present = ["a", "leaves"]
    await place.report("leaves", "draining")
    assert (await observer.observe(place.clock())).fresh == 1
    place.clock.now += 30
    place.fleet.present.append("b")
    assert (await observer.observe(place.clock())).fresh == 2
    place.clock.now += 30
    assert (await observer.observe(place.clock())).fresh == 1


async def test_what_came_is_what_replicas_tell_or_what_is_seen(place, observer) -> None:
    await place.report("replica", "started", kind="api", submitted=0)
    saw = await observer.observe(place.clock())
    observer.history.add(saw, Plan(0, ""), place.clock())
    await place.shared.requests.send_many(["x"] * 7)
    await place.report("replica", "busy", kind="api", submitted=3)
    saw = await observer.observe(place.clock())
    assert saw.arrived == 7
    observer.history.add(saw, Plan(0, ""), place.clock())
    await place.report("replica", "busy", kind="api", submitted=12)
    assert (await observer.observe(place.clock())).arrived == 5
