"""Plans are carried out, and no further than is safe."""

import pytest

from balancer.act import Actor
from balancer.fleet import FleetWorker
from balancer.ledger import Ledger
from balancer.patience import Patience
from balancer.plan import Plan
from balancer.watch import Watch
from wire.errors import QueueUnavailable
from wire.messages import Terminate


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def actor(place, ledger) -> Actor:
    patience = Patience(boot=60, silence=120, stop=30)
    return Actor(place.fleet, place.shared.terminate, ledger, Watch(place.clock()), patience)


async def test_launches(place, actor) -> None:
    await actor.act(Plan(2, "why", launch=2), 1, place.clock())
    assert place.fleet.launched == [2]


async def test_terminates_are_sent_and_remembered(place, actor, ledger) -> None:
    ledger.admit([FleetWorker(f"w{number}", 0.0) for number in range(9)], 0.0)
    await actor.act(Plan(2, "why", terminate=7), 42, place.clock())
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
    with pytest.raises(QueueUnavailable):
        await actor.act(Plan(1, "why", terminate=1), 1, place.clock())
    assert ledger.staying(place.clock()) == 1


async def test_launches_are_held_back_while_workers_fall_over(place, actor, ledger) -> None:
    ledger.admit([FleetWorker("a", 0.0)], place.clock())
    ledger.dismiss([], place.clock())
    done = await actor.act(Plan(2, "why", launch=2), 1, place.clock())
    assert (place.fleet.launched, done.launch) == ([], 0)
    assert "1 boots failed" in done.reason
    place.clock.now += 5
    assert (await actor.act(Plan(2, "why", launch=2), 2, place.clock())).launch == 2
    assert place.fleet.launched == [2]


async def test_a_worker_that_never_gets_ready_is_ended_once(place, actor, ledger) -> None:
    ledger.admit([FleetWorker("a", 0.0)], place.clock())
    place.clock.now += 61
    await actor.act(Plan(1, "why"), 1, place.clock())
    await actor.act(Plan(1, "why"), 2, place.clock())
    assert place.fleet.ended == [("a", 5.0)]
    assert ledger.staying(place.clock()) == 0
