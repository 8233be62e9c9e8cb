"""A tick's own work for ten thousand workers, in CPU time: what else the machine does changes little."""

from statistics import median

import pytest

from balancer import planning, policies

WORKERS = 10_000
ALLOWED_MS = 50.0


@pytest.fixture(scope="module")
def thinking():
    return planning.thinking(WORKERS)


def test_every_policy_is_timed(thinking):
    assert sorted(thinking) == policies.names()
    assert {len(times) for times in thinking.values()} == {planning.TURNS}


@pytest.mark.parametrize("name", policies.names())
def test_a_snapshot_of_ten_thousand_workers_is_planned_in_time(thinking, name):
    assert median(thinking[name]) < ALLOWED_MS


def test_a_look_and_every_policy_together_take_less_than_a_tenth_of_a_tick(thinking):
    look = median(planning.looking(WORKERS, tick=5.0))
    assert look + sum(median(times) for times in thinking.values()) < 500


def test_the_snapshot_is_a_busy_one_of_that_size():
    limits = planning.Limits(max_workers=2 * WORKERS)
    saw = planning.busy(WORKERS, limits, 1e6)
    assert (saw.workers, len(saw.past)) == (WORKERS, planning.HORIZON / limits.tick)
    assert [past.at for past in saw.past] == sorted(past.at for past in saw.past)
    assert saw.past[-1].at < 1e6
    wanted = {name: policies.find(name)(saw, limits, 1e6).desired for name in policies.names()}
    assert min(wanted.values()) > 1_000, wanted
