"""The model without harm, with one kill anywhere, and what the checker sees when the order is wrong."""

import pytest

from tests.unit.delivery.front import Front
from tests.unit.delivery.hand import Hand
from tests.unit.delivery.history import Violated
from tests.unit.delivery.play import Play
from tests.unit.delivery.world import NAMES
from worker.effects import Effects
from worker.journey import Journey

# Every call takes 20 ms: a step of 7 ms falls between any two of them, and amid each.
MOMENTS = [0.007 * step for step in range(1, 60)]
KINDS = ["url", "upload", "each"]


def killed_at(moment: float, kind: str, hand=Hand, front=Front, harm=Hand.kill) -> None:
    """A client asks, the worker goes so many seconds later, another comes; all is checked at the end."""
    play = Play(hand, front)
    try:
        play.open()
        play.hire()
        play.pass_time(1)
        play.ask(kind)
        play.ask(kind)
        play.pass_time(moment)
        play.call(harm, play.hands[0])
        play.hire()
        play.rest()
    finally:
        play.close()


def seen(kind: str, hand=Hand, front=Front, harm=Hand.kill) -> int:
    """How many of the moments show that something is wrong."""
    found = 0
    for moment in MOMENTS[::2]:
        try:
            killed_at(moment, kind, hand, front, harm)
        except Violated:
            found += 1
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_may_be_killed_at_any_moment(kind) -> None:
    for moment in MOMENTS:
        killed_at(moment, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_replica_may_be_killed_or_stopped_at_any_moment(kind) -> None:
    for harm in (Front.die, Front.stop):
        for moment in MOMENTS[::3]:
            play = Play()
            try:
                play.open()
                play.hire()
                play.pass_time(1)
                play.ask(kind)
                play.pass_time(moment)
                play.call(harm, play.fronts[0])
                play.rest()
            finally:
                play.close()


def delivered_twice(hand: Hand) -> None:
    """The first request shows again, under another message's id."""
    hand._world.hand_out_again(NAMES.requests, 0, 0)


class DeletesFirst(Journey):
    """Deletes the message before it is answered."""

    async def _finish(self, parcel, answer):
        await self._effects.delete(parcel)
        if answer is not None:
            await self._out(parcel, answer)


class RecordsLast(Journey):
    """Deletes the message before it is recorded."""

    async def _out(self, parcel, answer):
        await self._effects.reply(parcel, answer)
        self._shift.answered(parcel)
        await self._effects.delete(parcel)
        await self._effects.record(parcel, answer)


class Overwrites(Effects):
    """Puts a result in the place of one that is there."""

    async def _settle(self, parcel, answer):
        await self._store.put(f"results/{answer.uuid}.json", answer.encode().encode())
        return answer


class HandDeletesFirst(Hand):
    journey = DeletesFirst


class HandRecordsLast(Hand):
    journey = RecordsLast


class HandOverwrites(Hand):
    effects = Overwrites


def test_the_checker_sees_a_delete_before_the_reply() -> None:
    assert seen("url", HandDeletesFirst)


def test_the_checker_sees_a_record_after_the_delete() -> None:
    assert seen("url", HandRecordsLast)


def test_the_checker_sees_a_result_that_is_overwritten() -> None:
    assert seen("each", HandOverwrites, harm=delivered_twice)
    assert not seen("each", harm=delivered_twice)


class TellsAll(Front):
    """Hands every answer to its client, those that come twice too."""

    def __init__(self, world):
        super().__init__(world)
        settle, told = self.replica.collector._settle, {}

        async def settled(answer):
            outcome = await settle(answer)
            if outcome == "answered":
                told[answer.uuid] = next(a for a in self._clients.values() if not a.told)
            elif outcome == "duplicate" and answer.uuid in told:
                told[answer.uuid].told.append((answer.uuid, answer.result, None))
            return outcome

        self.replica.collector._settle = settled


def test_the_checker_sees_answers_that_are_handed_over_twice() -> None:
    assert seen("url", front=TellsAll)
    assert not seen("url")
