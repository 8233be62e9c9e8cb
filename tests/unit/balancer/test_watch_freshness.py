"""Whether the balancer can tell silence from its own deafness, at any beat."""

import pytest

from balancer.watch import Watch, freshness


@pytest.mark.parametrize("tick", [0.5, 5.0, 31.0, 300.0])
def test_a_slow_beat_is_no_gap(tick: float) -> None:
    watch = Watch(0.0, freshness(tick))
    for number in range(1, 5):
        now = number * tick
        assert watch.is_fresh(now)
        watch.looked(now)
    assert watch.since == 0.0


@pytest.mark.parametrize("tick", [0.5, 5.0, 31.0, 300.0])
def test_a_look_that_did_not_come_is_a_gap_at_any_beat(tick: float) -> None:
    watch = Watch(0.0, freshness(tick))
    now = 3.5 * max(tick, 10.0)
    assert not watch.is_fresh(now)
    watch.looked(now)
    assert watch.since == now
