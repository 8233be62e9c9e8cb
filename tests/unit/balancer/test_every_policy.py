"""What holds for any policy, whatever it sees."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balancer import policies
from balancer.plan import Limits, Past, Snapshot

POLICIES = policies.names()
TICK = 5.0
START = 1000.0


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    least = draw(st.integers(0, 20))
    return Limits(
        qos=draw(st.integers(1, 50)),
        min_workers=least,
        max_workers=draw(st.integers(max(1, least), 40)),
        scaling_factor=draw(st.floats(0.05, 5.0)),
        kill_all_delay=draw(st.floats(0, 100)),
        target_wait=draw(st.floats(0.1, 60)),
        deadline=draw(st.floats(1, 600)),
        scale_in_delay=draw(st.floats(0, 300)),
        boot_seconds=draw(st.floats(0.1, 300)),
        service_seconds=draw(st.floats(0.001, 20)),
        tick=TICK,
    )


@st.composite
def pasts(draw: st.DrawFn) -> tuple[Past, ...]:
    """Up to 35 minutes, made of few drawn ticks that come again and again."""
    seen = draw(
        st.lists(
            st.tuples(
                st.integers(0, 500),
                st.integers(0, 200),
                st.integers(0, 40),
                st.integers(0, 40),
                st.floats(0, 300),
                st.integers(0, 40),
            ),
            max_size=12,
        )
    )
    ticks = draw(st.integers(0, 400)) if seen else 0
    found = []
    for index in range(ticks):
        queued, in_flight, workers, launching, arrived, desired = seen[index % len(seen)]
        at = START + (index - ticks) * TICK
        found.append(Past(at, queued, in_flight, workers, 0, arrived, desired, launching))
    return tuple(found)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    workers = draw(st.integers(0, 60))
    # Workers who may have taken a terminate message are off `workers`: more may be booting than that.
    launching = draw(st.integers(0, 60))
    queued = draw(st.integers(0, 2000))
    empty_since = None if queued else START - draw(st.floats(0, 200))
    return Snapshot(
        queued=queued,
        in_flight=draw(st.integers(0, 500)),
        workers=workers,
        idle=draw(st.integers(0, max(0, workers - launching))),
        launching=launching,
        unanswered=draw(st.integers(0, 20)),
        fresh=draw(st.integers(0, workers)),
        empty_since=empty_since,
        arrived=draw(st.floats(0, 300)),
        oldest_wait=draw(st.none() | st.floats(0, 700)),
        service_seconds=draw(st.none() | st.floats(0.001, 20)),
        boot_seconds=draw(st.none() | st.floats(0, 300)),
        past=draw(pasts()),
    )


pytestmark = pytest.mark.parametrize("name", POLICIES)
moments = st.floats(0, 120).map(lambda more: START + more)


@settings(max_examples=60, deadline=None)
@given(snapshots(), limits(), moments)
def test_bounds_hold(name: str, saw: Snapshot, allowed: Limits, now: float) -> None:
    plan = policies.find(name)(saw, allowed, now)
    assert plan.launch >= 0
    assert plan.terminate >= 0
    assert not (plan.launch and plan.terminate)
    assert plan.terminate <= saw.workers
    assert allowed.min_workers <= plan.desired <= allowed.max_workers
    assert plan.launch == 0 or saw.workers + saw.unanswered + plan.launch <= allowed.max_workers
    assert plan.terminate == 0 or saw.workers - plan.terminate >= allowed.min_workers
    room = allowed.max_workers - saw.workers - saw.unanswered
    assert plan.launch >= min(allowed.min_workers - saw.workers, room)
    assert plan.reason


@settings(max_examples=60, deadline=None)
@given(snapshots(), limits(), moments)
def test_too_many_workers_are_sent_away(name: str, saw: Snapshot, allowed: Limits, now: float):
    if name == "criterion":
        pytest.skip(
            "the original sends nobody away while its queue is empty for less than the delay"
        )
    plan = policies.find(name)(saw, allowed, now)
    assert saw.workers - plan.terminate <= max(allowed.max_workers, saw.launching)
    if saw.workers <= allowed.max_workers:
        assert plan.terminate <= saw.workers - saw.fresh


@settings(max_examples=60, deadline=None)
@given(snapshots(), limits(), moments)
def test_nothing_is_done_when_there_are_as_many_as_wanted(
    name: str, saw: Snapshot, allowed: Limits, now: float
) -> None:
    plan = policies.find(name)(saw, allowed, now)
    if plan.desired == saw.workers and name != "criterion":
        assert (plan.launch, plan.terminate) == (0, 0)
    if name == "criterion" and plan.numbers["S"] == 0 and saw.queued:
        assert plan.terminate == 0
        room = allowed.max_workers - saw.workers - saw.unanswered
        assert plan.launch == max(0, min(allowed.min_workers - saw.workers, room))


@settings(max_examples=60, deadline=None)
@given(snapshots(), st.integers(0, 500), limits(), moments)
def test_more_backlog_never_wants_fewer_workers(
    name: str, saw: Snapshot, more: int, allowed: Limits, now: float
) -> None:
    decide = policies.find(name)
    before = replace(saw, queued=max(1, saw.queued), empty_since=None)
    after = replace(before, queued=before.queued + more)
    assert decide(after, allowed, now).desired >= decide(before, allowed, now).desired


@settings(max_examples=60, deadline=None)
@given(snapshots(), limits(), moments)
def test_nobody_is_launched_for_nothing(
    name: str, saw: Snapshot, allowed: Limits, now: float
) -> None:
    quiet = replace(saw, queued=0, in_flight=0, arrived=0.0, oldest_wait=None, past=())
    plan = policies.find(name)(quiet, allowed, now)
    assert plan.launch <= max(0, allowed.min_workers - saw.workers)


@settings(max_examples=30, deadline=None)
@given(snapshots(), limits(), moments)
def test_the_same_is_seen_the_same_is_decided(
    name: str, saw: Snapshot, allowed: Limits, now: float
) -> None:
    decide = policies.find(name)
    assert decide(saw, allowed, now) == decide(replace(saw), replace(allowed), now)
