"""How much a worker takes on, and whom it keeps alive meanwhile."""

import asyncio
import contextlib

import pytest

from wire.leases import Lease
from wire.messages import Job
from wire.queues import Received
from worker.parcel import Parcel
from worker.shift import UNSTORED, Shift


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def parcel(count=1, clock=None):
    received = Received("", "m", "r", count, 0.0, 0.0)
    job = Job(uuid="a", image_url="http://h.test/a", reply_to="q")
    return Parcel(received, job, Lease(received, 1000.0, clock or Clock()), 1000.0)


@contextlib.contextmanager
def holding(shift, *parcels):
    with contextlib.ExitStack() as hand:
        for each in parcels:
            hand.enter_context(shift.hold(each))
        yield


@pytest.mark.parametrize(
    ("prefetch", "held", "room"),
    [
        (40, 0, 10),
        (40, 30, 10),
        (40, 31, 0),
        (40, 40, 0),
        (12, 2, 10),
        (12, 7, 0),
        (4, 0, 4),
        (4, 2, 2),
        (4, 3, 0),
    ],
)
def test_a_receive_is_worth_it_when_it_may_bring_a_batch(prefetch, held, room):
    shift = Shift(prefetch)
    with holding(shift, *(parcel() for _ in range(held))):
        assert shift.busy == held
        assert shift.room == room


def test_an_answered_parcel_makes_room_and_is_still_held():
    shift, held = Shift(prefetch=1), parcel()
    with holding(shift, held):
        assert (shift.busy, shift.held, shift.room) == (1, 1, 0)
        shift.answered(held)
        assert (shift.busy, shift.held, shift.room) == (0, 1, 1)
    assert (shift.busy, shift.held) == (0, 0)


def test_unstored_records_do_not_pile_up_without_end():
    shift, held = Shift(prefetch=40), [parcel() for _ in range(UNSTORED)]
    with holding(shift, *held):
        for each in held:
            shift.answered(each)
        assert shift.room == 0


@pytest.mark.parametrize("count", [2, 3])
def test_nothing_is_received_beside_a_suspect(count):
    shift, suspect = Shift(prefetch=40), parcel(count)
    with holding(shift, suspect):
        assert shift.room == 0
        shift.answered(suspect)
        assert shift.room == 10


def test_who_waits_lives_as_long_as_somebody_gets_on():
    clock, shift = Clock(), Shift(prefetch=40)
    waiting, stuck = parcel(clock=clock), parcel(clock=clock)
    with holding(shift, waiting, stuck):
        stuck.begins()
        clock.now = 24
        shift.moved()
        clock.now = 40
        assert waiting.lease.is_due()
        assert not stuck.lease.is_due()
        clock.now = 60
        assert not waiting.lease.is_due()


async def test_the_first_reason_to_drain_stands():
    shift = Shift(prefetch=40)
    asyncio.get_running_loop().call_later(0.01, shift.drain, "terminate")
    assert await shift.until(lambda: shift.draining is not None, 5)
    shift.drain("SIGTERM")
    assert shift.draining == "terminate"


async def test_waiting_has_an_end():
    assert not await Shift(prefetch=40).until(lambda: False, 0.01)
