"""How long each batch was on its lane, those included that waited inside the engine."""

from itertools import permutations

import pytest

from worker.lanes import Lanes


def test_one_that_finds_a_lane_free_runs_from_its_call_on():
    lanes = Lanes()
    ride = lanes.enter(2, now=10.0)
    assert lanes.leave(ride, begun=10.5, ended=12.0) == 1.5


def test_one_that_waits_runs_from_the_end_of_the_one_before():
    lanes = Lanes()
    first, second, third = (lanes.enter(2, now=at) for at in (0.0, 0.1, 0.2))
    assert lanes.leave(second, begun=0.1, ended=3.0) == pytest.approx(2.9)
    assert lanes.leave(third, begun=0.2, ended=4.0) == pytest.approx(1.0)
    assert lanes.leave(first, begun=0.0, ended=5.0) == pytest.approx(5.0)


def test_they_get_their_lanes_in_turn():
    lanes = Lanes()
    rides = [lanes.enter(1, now=0.0) for _ in range(4)]
    assert [lanes.leave(ride, ended=at + 1.0) for at, ride in enumerate(rides)] == [1.0] * 4
    assert lanes.leave(lanes.enter(1, now=9.0), ended=9.5) == 0.5  # all have gone


def test_a_failure_gives_its_lane_on():
    lanes = Lanes()
    failing, waiting = lanes.enter(1, now=0.0), lanes.enter(1, now=0.0)
    lanes.leave(failing, ended=2.0)
    assert lanes.leave(waiting, begun=0.0, ended=5.0) == 3.0


def test_news_that_come_out_of_turn_lose_no_lane():
    lanes = Lanes()
    first, second = lanes.enter(1, now=0.0), lanes.enter(1, now=1.0)
    third = lanes.enter(1, now=1.0)
    assert lanes.leave(second, begun=1.0, ended=3.0) == 1.5  # of which the first had as much
    assert lanes.leave(first, begun=0.0, ended=3.1) == 1.5
    assert lanes.leave(third, begun=1.0, ended=4.0) == 1.0
    assert lanes.leave(lanes.enter(1, now=5.0), begun=5.0, ended=6.0) == 1.0


def test_no_lane_is_counted_twice_whoever_is_heard_of_first():
    """Rides begin in turn and are heard of in any order: together they took what passed."""
    for order in permutations(range(4)):
        lanes = Lanes()
        rides = [lanes.enter(1, now=0.0) for _ in order]
        found = [lanes.leave(rides[at], ended=float(time)) for time, at in enumerate(order, 1)]
        assert sum(found) <= 4.0
        assert lanes.leave(lanes.enter(1, now=9.0), ended=9.5) == 0.5


def test_no_time_is_less_than_none():
    lanes = Lanes()
    first, second = lanes.enter(1, now=0.0), lanes.enter(1, now=0.0)
    lanes.leave(first, begun=0.0, ended=3.0)  # whose thread was slow to say so
    assert lanes.leave(second, begun=0.0, ended=2.9) == 0.0
