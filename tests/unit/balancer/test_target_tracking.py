"""EC2's target tracking: the documented rules, with figures worked out by hand."""

import pytest

from balancer.plan import Limits, Past, Snapshot
from balancer.policies.target_tracking import plan

# 5 s of waiting at 1 s a message: a backlog of 5 per instance is acceptable.
LIMITS = Limits(min_workers=1, max_workers=100, target_wait=5.0, service_seconds=1.0)
NOW = 3600.0  # a whole minute


def look(*minutes: int, workers: int = 10, launching: int = 0, now: float = NOW) -> Snapshot:
    """Messages visible in each minute, the last one that which begins now."""
    past = []
    for back, queued in enumerate(reversed(minutes[:-1]), 1):
        for second in range(0, 60, 5):
            at = NOW - 60 * back + second
            past.append(Past(at, queued, 0, workers, 0, 0.0, workers, launching))
    past.sort(key=lambda tick: tick.at)
    return Snapshot(
        minutes[-1], 0, workers, launching=launching, past=tuple(p for p in past if p.at < now)
    )


@pytest.mark.parametrize(
    ("minutes", "desired"),
    [
        ((80, 80, 80), 16),  # 8 per instance: 10 * 8 / 5
        ((51, 60, 71), 15),  # ceil(10 * 7.1 / 5)
        ((80, 80, 50), 10),  # 5 is not above the target
        ((80, 50, 80, 80), 10),  # three in a row, not two
        ((80, 80), 10),
    ],
)
def test_out_after_three_datapoints_above(minutes: tuple[int, ...], desired: int) -> None:
    assert plan(look(*minutes), LIMITS, NOW).desired == desired


def test_in_after_fifteen_datapoints_below_90_percent() -> None:
    assert plan(look(*[20] * 15), LIMITS, NOW).desired == 9
    assert plan(look(*[20] * 14), LIMITS, NOW).desired == 10
    assert plan(look(*[46] * 15), LIMITS, NOW).desired == 10
    assert plan(look(20, 46, *[20] * 13), LIMITS, NOW).desired == 10


def test_in_by_a_tenth_at_a_time_and_by_no_more_than_is_proportional() -> None:
    assert plan(look(*[20] * 15, workers=40), LIMITS, NOW).desired == 36
    assert plan(look(*[0] * 15, workers=19), LIMITS, NOW).desired == 18
    assert plan(look(*[0] * 15, workers=2), LIMITS, NOW).desired == 1
    # 5 with 4.4 each: 22 / 5, rounded up, are 5 again.
    assert plan(look(*[22] * 15, workers=5), LIMITS, NOW).desired == 5


def test_instances_that_warm_up_are_not_in_service() -> None:
    # 5 in service, 16 messages each: 5 * 16 / 5 = 16, of which 10 exist.
    found = plan(look(80, 80, 80, workers=10, launching=5), LIMITS, NOW)
    assert (found.desired, found.launch) == (16, 6)
    # 5 in service, 6 each: 5 * 6 / 5 = 6; those that warm up are not taken back.
    assert plan(look(30, 30, 30, workers=10, launching=5), LIMITS, NOW).desired == 10


def test_nothing_scales_in_while_instances_warm_up() -> None:
    assert plan(look(*[0] * 15, workers=10, launching=1), LIMITS, NOW).desired == 10


def test_nothing_is_decided_within_a_minute() -> None:
    past = look(80, 80, 80, 80).past
    saw = Snapshot(80, 0, workers=10, past=(*past, Past(NOW, 80, 0, 10, 0, 0.0, 10)))
    assert plan(saw, LIMITS, NOW + 5).desired == 10
