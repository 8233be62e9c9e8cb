"""Asynchronous jobs, with replicas and workers killed at any moment: whoever was told of a job finds how it
ended, and whoever is to be told of its end is."""

import asyncio
import uuid

import pytest

from api.jobs.marker import Order
from api.jobs.states import settled
from tests.unit.delivery.front import Front
from tests.unit.delivery.hand import Hand
from tests.unit.delivery.play import Play
from tests.unit.delivery.world import NAMES, Fault
from wire.errors import ServiceError
from wire.messages import Answer, Chore, Job
from wire.names import result_key

# Every call takes 20 ms: a step of 7 ms falls between any two of them, and amid each.
MOMENTS = [0.007 * step for step in range(1, 90, 6)]


class Orders:
    """A client that asks for jobs and cancels some; `told` has the ids that it got with a 202."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self.told: list[str] = []

    def ask(self, front: Front, picture: str = "good-1") -> str:
        clock, name = self._play.world.clock, str(uuid.uuid4())
        jobs = front.replica.jobs.jobs
        jobs._now = clock
        job = Job(
            uuid=name, image_url=f"https://pictures.test/{picture}", reply_to=NAMES.outcomes,
            persist="each", deadline=300, order=name, hook=True,
        )  # fmt: skip
        order = Order(id=name, client="", submitted=clock(), fingerprint="f", job=job)

        async def asked():
            try:
                await jobs.send(await jobs.enter(order, chosen=False))
            except ServiceError:
                return
            if not front.life.dead:
                self.told.append(name)

        self._play.call(lambda: asyncio.create_task(asked()))
        return name

    def cancel(self, front: Front, name: str) -> None:
        jobs = front.replica.jobs.jobs
        jobs._now = self._play.world.clock

        async def canceled():
            try:
                await jobs.cancel(name, "")
            except ServiceError:
                return

        self._play.call(lambda: asyncio.create_task(canceled()))

    def check(self) -> list[str]:
        """How they ended, after everything else was checked as ever."""
        self._play.rest()
        world, run = self._play.world, self._play.loop.run
        for name in (NAMES.outcomes, NAMES.chores):
            assert run(world.bodies(name)) == []
        chores = [Chore.decode(body) for body in world.sent.get(NAMES.chores, ())]
        hooked = {chore.payload["job"] for chore in chores}
        assert {result_key(name) for name in self.told} <= set(world.results), (
            "a job that was taken on has no end"
        )
        assert set(self.told) <= hooked, "nobody is told of an end"
        return [settled(Answer.decode(world.results[result_key(name)][0])) for name in self.told]


def played(moment: float, harm, cancel: bool = False) -> list[str]:
    play = Play()
    try:
        for _ in range(2):
            play.open()
        play.hire()
        play.pass_time(1)
        orders = Orders(play)
        name = orders.ask(play.fronts[0])
        if cancel:
            play.pass_time(0.05)
            orders.cancel(play.fronts[1], name)
        play.pass_time(moment)
        harm(play)
        play.hire()
        return orders.check()
    finally:
        play.close()


def kill_the_worker(play: Play) -> None:
    play.call(Hand.kill, play.hands[0])


def kill_the_replica(play: Play) -> None:
    play.call(Front.die, play.fronts[0])


def kill_all(play: Play) -> None:
    for front in play.fronts:
        play.call(Front.die, front)
    kill_the_worker(play)


def lose_what_is_sent_and_put(play: Play) -> None:
    calls = (f"send {NAMES.outcomes}", f"send {NAMES.chores}", "put results/", "get results/")
    play.world.faults += [Fault(call, kind) for call in calls for kind in ("refused", "lost")]


HARMS = [kill_the_worker, kill_the_replica, kill_all, lose_what_is_sent_and_put]


@pytest.mark.parametrize("harm", HARMS)
def test_what_was_taken_on_ends_and_is_told(harm) -> None:
    for moment in MOMENTS:
        assert set(played(moment, harm)) <= {"succeeded"}


@pytest.mark.parametrize("harm", HARMS)
def test_a_cancel_amid_it_ends_it_one_way_or_the_other(harm) -> None:
    ends = {end for moment in MOMENTS[::3] for end in played(moment, harm, cancel=True)}
    assert ends <= {"succeeded", "canceled"}
    assert ends
