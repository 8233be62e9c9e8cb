"""What a replay promises: every picture answered once, every second billed, ticks as the balancer has."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balancer.ledger import UNANSWERED_FOR
from balancer.patience import Patience
from balancer.plan import Limits, Plan
from balancer.policies import find
from balancer.simulator import orders, traces
from balancer.simulator.baseline import plan as always
from balancer.simulator.run import simulate
from balancer.simulator.shapes import generated
from balancer.simulator.world import World

FIVE = Limits(min_workers=1, max_workers=5)


def idle(snapshot, limits, now):
    return Plan(1, "nothing is done")


class Seen:
    """A policy that launches and terminates by a list, and keeps what it saw."""

    def __init__(self, does=None):
        self.does = does or {}
        self.saw = {}

    def __call__(self, snapshot, limits, now):
        self.saw[now] = snapshot
        launch = self.does.get(now, 0)
        return Plan(1, "by the list", max(0, launch), max(0, -launch))


@given(
    st.integers(0, 10_000),
    st.sampled_from(["poisson", "on-off", "flash"]),
    st.floats(0, 40),
    st.floats(0, 40),
    st.integers(1, 12),
    st.floats(0.05, 5),
    st.floats(0, 0.5),
)
@settings(max_examples=40, deadline=None)
def test_every_picture_is_answered_once_whatever_befalls_the_workers(
    seed, shape, crashes, interruptions, prefetch, service, failures
):
    arrivals = generated(shape, 2.0, 600.0, seed)
    world = World(
        boot_seconds=20.0, service_seconds=service, prefetch=prefetch, boot_jitter=0.5,
        boot_failure_rate=failures, crash_rate_per_hour=crashes,
        spot_interruptions_per_hour=interruptions, batch=4, batch_overhead=0.1, seed=seed,
    )  # fmt: skip
    outcome = simulate(arrivals, find("criterion"), Limits(max_workers=12), world)
    assert outcome.answered == sum(map(len, arrivals.chunks()))
    assert outcome.unanswered == 0
    assert outcome.redelivered_by_scale_in == 0
    assert outcome.worker_seconds >= outcome.launches * 60
    assert sum(outcome.series["arrivals"]) == outcome.answered


def test_crashes_and_interruptions_hit():
    arrivals = generated("poisson", 3.0, 3600.0)
    calm = simulate(arrivals, always, FIVE, World())
    crashing = simulate(arrivals, always, FIVE, World(crash_rate_per_hour=20))
    leaving = simulate(arrivals, always, FIVE, World(spot_interruptions_per_hour=20))
    assert calm.redelivered == leaving.redelivered == 0
    assert calm.launches == 5
    assert crashing.redelivered > 20
    assert min(crashing.launches, leaving.launches) > 50
    assert crashing.wait_max > 30 > calm.wait_p99


def test_a_notice_that_comes_too_late_for_the_work_costs_it():
    arrivals = traces.of("one", np.array([1.0]))
    world = World(
        service_seconds=500.0, spot_interruptions_per_hour=12, spot_notice=10.0, initial_workers=1
    )
    outcome = simulate(arrivals, always, replace(FIVE, max_workers=1), world)
    assert outcome.redelivered >= 1
    assert outcome.answered == 1


def test_a_second_is_paid_from_launch_to_end_and_a_minute_at_least():
    nothing = traces.of("nothing", np.empty(0), 600.0)
    world = World(boot_seconds=10.0, initial_workers=0, hourly_price=3.6)
    launched = simulate(nothing, Seen({100.0: 2}), FIVE, world)
    assert launched.worker_seconds == pytest.approx(2 * 500.0)
    assert launched.cost == pytest.approx(1.0)
    # One goes idle at its 80th second, at the tick that asks it to.
    shrunk = simulate(nothing, Seen({100.0: 2, 180.0: -1}), FIVE, world)
    assert shrunk.worker_seconds == pytest.approx(500.0 + 80.0)
    assert (shrunk.scale_ins, shrunk.terminates, shrunk.direction_changes) == (1, 1, 1)
    late = simulate(nothing, Seen({580.0: 1}), FIVE, world)
    assert late.worker_seconds == 60.0


def test_nobody_takes_a_terminate_message_in_the_minute_that_is_paid_anyway():
    nothing = traces.of("nothing", np.empty(0), 200.0)
    world = World(boot_seconds=1.0, initial_workers=0)
    outcome = simulate(nothing, Seen({0.0: 1, 10.0: -1}), FIVE, world)
    assert (outcome.terminates, outcome.scale_ins) == (1, 0)


def test_standby_costs_while_it_stands_by():
    nothing = traces.of("nothing", np.empty(0), 3600.0)
    world = World(initial_workers=0, standby=10, stopped_hourly=0.01)
    assert simulate(nothing, idle, FIVE, world).cost == pytest.approx(0.1)


def test_a_snapshot_is_what_the_balancer_would_have_seen():
    # Three pictures of 12 s at seconds 6 to 8, one worker from the start, another from second 25 on.
    arrivals = traces.of("three", np.array([6.0, 7.0, 8.0]), 60.0)
    policy = Seen({5.0: 1, 45.0: -1})
    world = World(boot_seconds=20.0, service_seconds=12.0, paid_minute=30.0)
    outcome = simulate(arrivals, policy, FIVE, world)
    saw = policy.saw
    assert (saw[0.0].workers, saw[0.0].idle, saw[0.0].launching) == (1, 1, 0)
    assert (saw[0.0].service_seconds, saw[0.0].boot_seconds) == (None, None)
    assert (saw[10.0].queued, saw[10.0].in_flight, saw[10.0].busy) == (2, 1, 1)
    assert [saw[at].service_seconds for at in (15.0, 20.0)] == [None, 12.0]
    assert (saw[10.0].workers, saw[10.0].launching, saw[10.0].fresh) == (2, 1, 2)
    assert saw[10.0].oldest_wait == 3.0
    # Reports are half a tick old: the arrival at 8 is heard of one tick later.
    assert [saw[at].arrived for at in (5.0, 10.0, 15.0)] == [0, 2, 1]
    assert (saw[25.0].launching, saw[25.0].busy, saw[25.0].boot_seconds) == (0, 1, 20.0)
    assert (saw[30.0].busy, saw[30.0].queued, saw[30.0].service_seconds) == (1, 0, 12.0)
    assert [saw[at].empty_since for at in (5.0, 10.0, 30.0, 35.0)] == [0.0, None, 30.0, 30.0]
    assert (saw[45.0].workers, saw[50.0].workers, saw[50.0].idle) == (2, 1, 1)
    assert [past.at for past in saw[10.0].past] == [0.0, 5.0]
    assert outcome.wait_max == 17.0
    assert outcome.scale_ins == 1


def test_a_leaving_worker_counts_as_draining_and_what_it_holds_as_in_flight():
    arrivals = traces.of("four", np.array([1.0, 2.0, 2.5, 3.0]), 60.0)
    policy = Seen({5.0: -1})
    world = World(
        service_seconds=12.0, prefetch=2, initial_workers=1, paid_minute=0.0, look_every=0.1
    )
    simulate(arrivals, policy, FIVE, world)
    saw = policy.saw[10.0]
    # It works at one until 13 and holds another, which it finishes at 25; two are left to nobody.
    assert (saw.workers, saw.busy, saw.idle, saw.draining) == (0, 0, 0, 1)
    assert (saw.queued, saw.in_flight) == (2, 2)
    assert [policy.saw[at].draining for at in (20.0, 25.0)] == [1, 0]
    assert policy.saw[25.0].in_flight == 0


def test_a_worker_whose_time_is_up_loses_only_what_it_has_not_finished():
    # Five pictures of 10 s at one worker, all held by it; 25 s after it is asked to go it is killed.
    arrivals = traces.of("five", np.array([0.5, 0.6, 0.7, 0.8, 0.9]), 200.0)
    world = World(
        service_seconds=10.0, prefetch=5, initial_workers=1, paid_minute=0.0, look_every=0.1,
        stop_grace=25.0, boot_seconds=1.0,
    )  # fmt: skip
    outcome = simulate(arrivals, Seen({5.0: -1, 50.0: 1}), FIVE, world)
    # Asked at 5 to 5.1, it works until 10.5 and 20.5, not until 30.5; three show again 30 s later.
    assert outcome.redelivered == outcome.redelivered_by_scale_in == 3
    assert outcome.answered == 5
    assert outcome.wait_p50 == pytest.approx(59.35, abs=0.1)
    assert outcome.wait_max == pytest.approx(79.15, abs=0.1)


def test_a_terminate_message_nobody_takes_counts_as_on_its_way_for_as_long_as_in_the_balancer():
    assert orders.UNANSWERED_FOR == UNANSWERED_FOR
    arrivals = traces.of("long", np.array([1.0, 2.0]), 120.0)
    policy = Seen({10.0: -1})
    world = World(service_seconds=90.0, initial_workers=2, paid_minute=0.0, look_every=1e9)
    outcome = simulate(arrivals, policy, FIVE, world)
    assert [policy.saw[at].workers for at in (10.0, 15.0, 20.0)] == [2, 1, 2]
    assert (outcome.terminates, outcome.scale_ins) == (1, 0)


def test_standby_is_launched_first_and_replaced_by_a_boot_that_is_paid():
    policy = Seen({0.0: 3, 100.0: 2})
    world = World(boot_seconds=40.0, initial_workers=0, standby=2, stopped_hourly=0.0)
    outcome = simulate(traces.of("nothing", np.empty(0), 300.0), policy, FIVE, world)
    assert [policy.saw[at].idle for at in (5.0, 35.0, 40.0, 105.0)] == [2, 2, 3, 5]
    assert policy.saw[45.0].boot_seconds == 1.0
    assert outcome.worker_seconds == pytest.approx(3 * 300 + 2 * 200 + 4 * 60)


def test_a_boot_is_late_when_the_balancer_calls_it_late():
    patience = Patience(boot=120.0, silence=1.0, stop=1.0)
    world = World(boot_grace=120.0)
    for measured in (None, 1.0, 20.0, 60.0):
        assert world.given_up(measured) == patience.boot_grace(measured)


def test_a_boot_that_fails_is_capacity_until_it_is_given_up():
    policy = Seen({0.0: 4})
    world = World(boot_failure_rate=1.0, boot_grace=50.0, initial_workers=0)
    outcome = simulate(traces.of("nothing", np.empty(0), 100.0), policy, FIVE, world)
    assert [policy.saw[at].workers for at in (5.0, 45.0, 55.0)] == [4, 4, 0]
    assert outcome.worker_seconds == 4 * 60


def test_work_that_nobody_does_ends_all_the_same():
    outcome = simulate(generated("poisson", 1.0, 60.0), idle, FIVE, World(initial_workers=0))
    assert outcome.answered == 0
    assert outcome.unanswered > 0


def test_a_deadline_is_for_the_end_of_work():
    arrivals = traces.of("two", np.array([0.0, 0.0]))
    world = World(service_seconds=10.0, initial_workers=1)
    for deadline, missed in ((9.9, 2), (10.0, 1), (19.9, 1), (20.0, 0)):
        limits = replace(FIVE, deadline=deadline)
        assert simulate(arrivals, idle, limits, world).deadline_misses == missed


def test_batches_make_work_cheaper_only_when_there_is_enough_of_it():
    world = World(service_seconds=0.1, batch=10, batch_overhead=1.0, initial_workers=1)
    assert world.full_batch_seconds == pytest.approx(0.2)
    assert [world.seconds(waiting, 2) for waiting in (0, 2, 10, 200)] == pytest.approx(
        [1.1, 1.1, 0.3, 0.2]
    )


@pytest.mark.parametrize(
    "wrong", [{"service_seconds": 0}, {"boot_seconds": -1}, {"boot_jitter": 2}, {"visibility": 1}]
)
def test_a_world_that_cannot_be_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        World(**wrong)
