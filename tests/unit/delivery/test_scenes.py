"""Plays that chance seldom brings, each with what is broken in it: right parts pass, a wrong one is seen."""

from contextlib import asynccontextmanager, suppress

import pytest

from api.jobs.book import Book
from api.jobs.jobs import Jobs
from api.lookup import Lookup
from tests.unit.delivery.front import Front
from tests.unit.delivery.hand import KILLER, SHAKY, SLOW, Hand
from tests.unit.delivery.history import Violated
from tests.unit.delivery.play import Play
from tests.unit.delivery.world import NAMES, Fault, Outage
from wire.errors import JobExpired, QueueUnavailable
from wire.queues import QueueMissing
from worker import work
from worker.effects import Effects
from worker.journey import Journey
from worker.patience import GivenUp
from worker.quarantine import Quarantine

KINDS = ["url", "upload", "each", "keyed"]


def a_quiet_world(play: Play, kind: str) -> None:
    play.hire()
    play.pass_time(1)
    for like in ("good", KILLER, "good"):
        play.ask(kind, like)
    play.rest_quietly()


def an_origin_that_fails_twice(play: Play, kind: str) -> None:
    play.hire()
    play.pass_time(1)
    play.ask(kind, SHAKY)
    play.rest_quietly()


def a_deadline_that_passes(play: Play, kind: str) -> None:
    play.ask(kind)
    play.pass_time(310)
    play.hire()
    play.rest()


def an_asker_whose_queue_is_gone(play: Play, kind: str) -> None:
    play.ask(kind)
    play.pass_time(1)
    (front,) = play.fronts
    play.call(front.die)
    play.call(play.world.take_away, NAMES.responses(front.id))
    play.hire()
    play.rest()
    assert set(play.world.jobs) - play.world.replied()


def a_late_answer_amid_an_outage(play: Play, kind: str) -> None:
    play.ask(kind)
    play.pass_time(125)
    play.world.outages.append(Outage("put results/", play.loop.time() + 60))
    play.hire()
    play.pass_time(90)
    play.rest()


def a_store_that_fails_again_and_again(play: Play, kind: str) -> None:
    play.ask(kind)
    play.pass_time(125)
    play.world.faults += [Fault("put results/", "refused")] * 7
    play.hire()
    play.pass_time(60)
    assert play.world.results
    play.rest()


def a_response_queue_out_of_reach(play: Play, kind: str, seconds: float) -> str:
    """Its replica cannot read it for so long, in which a client asks. The job's id."""
    play.hire()
    play.world.outages.append(
        Outage(f"receive {NAMES.responses_prefix}", play.loop.time() + seconds)
    )
    play.pass_time(25)  # the poll that was open ends
    play.ask(kind)
    play.pass_time(seconds)
    ((uuid, _, code),) = play.asked[0].told
    assert uuid is not None
    assert code == "timed_out"
    return uuid


def an_answer_that_could_not_be_collected_for_minutes(play: Play, kind: str) -> None:
    a_response_queue_out_of_reach(play, kind, 240)
    play.rest()


def an_answer_that_could_not_be_collected_until_its_deadline(play: Play, kind: str) -> None:
    uuid = a_response_queue_out_of_reach(play, kind, 340)
    book, clock = Book(play.world.store), play.world.clock
    lookup = Lookup(book, Jobs(book, None, None, clock), clock)
    with pytest.raises(JobExpired):
        play.loop.run(lookup.find(uuid, ""))
    play.rest()


def an_outage_that_outlasts_the_message(play: Play, kind: str) -> None:
    play.hire()
    play.pass_time(1)
    play.ask(kind)
    play.world.outages.append(Outage("put records/", play.loop.time() + 340))
    play.pass_time(350)
    play.rest()


def a_fetch_that_hangs_over_a_dismissal(play: Play, kind: str) -> None:
    play.hire()
    play.pass_time(1)
    play.ask(kind, SLOW)
    play.pass_time(5)
    play.call(play.hands[0].leave)
    play.pass_time(70)
    play.hire()
    play.pass_time(24)  # by itself it shows again no sooner than after 30 s
    assert not any(asked.told for asked in play.asked)
    assert play.world.fetched >= 2
    play.rest()


def decoders_that_are_away(play: Play, kind: str) -> None:
    play.world.faults += [Fault("decode", "refused")] * 2
    play.hire()
    play.pass_time(1)
    play.ask(kind)
    play.rest_quietly()


SCENES = [
    a_quiet_world,
    an_origin_that_fails_twice,
    a_deadline_that_passes,
    an_asker_whose_queue_is_gone,
    a_late_answer_amid_an_outage,
    a_store_that_fails_again_and_again,
    an_answer_that_could_not_be_collected_for_minutes,
    an_outage_that_outlasts_the_message,
    decoders_that_are_away,
]


def played(scene, kind: str, hand=Hand, front=Front) -> None:
    play = Play(hand, front)
    try:
        play.open()
        play.pass_time(1)
        scene(play, kind)
    finally:
        play.close()


def sees(scene, kind: str, hand=Hand, front=Front) -> bool:
    with suppress(Violated):
        played(scene, kind, hand, front)
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scene", SCENES)
def test_all_is_well_in(scene, kind: str) -> None:
    played(scene, kind)


@pytest.mark.parametrize("kind", ["url", "upload"])  # the others' answers are stored by the worker
def test_what_nobody_could_collect_expires(kind: str) -> None:
    played(an_answer_that_could_not_be_collected_until_its_deadline, kind)


@pytest.mark.parametrize("kind", ["url", "each", "keyed"])  # an upload is no fetch that could hang
def test_what_hangs_is_given_back_at_the_curfew(kind: str) -> None:
    played(a_fetch_that_hangs_over_a_dismissal, kind)


def test_two_with_one_key_are_told_of_one_job() -> None:
    def twice(play: Play, kind: str) -> None:
        play.hire()
        play.ask(kind)
        play.ask_again()
        play.pass_time(5)
        play.ask_again()
        play.rest()
        assert len(play.world.jobs) == 1
        assert len({told for asked in play.asked for told in asked.told}) == 1
        assert all(asked.told for asked in play.asked)

    played(twice, "keyed")


class RepliesBeforeItStores(Journey):
    async def _out(self, parcel, answer):
        await self._effects.reply(parcel, answer)
        await super()._out(parcel, answer)


class DeletesWhatIsGivenUp(Journey):
    async def _steps(self, parcel):
        try:
            await super()._steps(parcel)
        except GivenUp:
            await self._effects.delete(parcel)
            raise


class ForgetsEarly(Quarantine):
    @asynccontextmanager
    async def turn(self, parcel):
        async with super().turn(parcel):
            if parcel.suspect and not parcel.accused:
                await self.forget(parcel)
            yield


class DropsWhatNobodyAwaits(Effects):
    async def reply(self, parcel, answer, patience=0.0):
        with suppress(QueueMissing):
            await self._insist(parcel, lambda: self._send(parcel.job.reply_to, answer, patience))


class DeletesBeforeItJudges(Front):
    def __init__(self, world):
        super().__init__(world)
        collector = self.replica.collector

        async def deal(lines, delivery):
            await lines.responses.delete(delivery.receipt)
            with suppress(QueueUnavailable):
                await collector._judge(lines, delivery)

        collector._deal = deal


class ForgetsWhomItPromised(Front):
    def __init__(self, world):
        super().__init__(world)
        self.replica.late._deadline = 200.0


MUTANTS = [
    (a_quiet_world, "each", {"journey": RepliesBeforeItStores}),
    (an_outage_that_outlasts_the_message, "url", {"journey": DeletesWhatIsGivenUp}),
    (a_quiet_world, "url", {"quarantine": ForgetsEarly}),
    (an_asker_whose_queue_is_gone, "url", {"effects": DropsWhatNobodyAwaits}),
]


@pytest.mark.parametrize(("scene", "kind", "parts"), MUTANTS)
def test_a_wrong_part_of_the_worker_is_seen_in(scene, kind: str, parts) -> None:
    assert sees(scene, kind, type("Wrong", (Hand,), parts))


def test_a_collector_that_deletes_before_it_judges_is_seen() -> None:
    assert sees(a_late_answer_amid_an_outage, "url", front=DeletesBeforeItJudges)


def test_a_replica_that_forgets_a_promise_before_its_deadline_is_seen() -> None:
    scene = an_answer_that_could_not_be_collected_for_minutes
    assert sees(scene, "url", front=ForgetsWhomItPromised)


def test_a_worker_that_works_what_has_expired_is_seen(monkeypatch) -> None:
    monkeypatch.setattr(work, "_refuse", lambda parcel: None)
    assert sees(a_deadline_that_passes, "url")
