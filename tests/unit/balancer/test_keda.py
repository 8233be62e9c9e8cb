"""KEDA and the HPA: the documented rules, with figures worked out by hand."""

import pytest

from balancer.plan import Limits, Past, Snapshot
from balancer.policies.keda import plan

LIMITS = Limits(qos=5, min_workers=1, max_workers=100)
FROM_ZERO = Limits(qos=5, min_workers=0, max_workers=100)
SYNC = 900.0  # a multiple of 15 s and of 30 s


def past(messages: int, desired: int, now: float, seconds: float = 600.0) -> tuple[Past, ...]:
    """The same on each tick of 5 s before `now`."""
    ticks = int(seconds / 5)
    return tuple(
        Past(now - 5.0 * (ticks - i), messages, 0, desired, 0, 0.0, desired) for i in range(ticks)
    )


def look(messages: int, workers: int, now: float = SYNC, before: int | None = None) -> Snapshot:
    earlier = past(messages if before is None else before, workers, now)
    return Snapshot(messages // 2, messages - messages // 2, workers, past=earlier)


@pytest.mark.parametrize(
    ("messages", "current", "desired"),
    [
        (50, 10, 10),  # 50 / (5 * 10) = 1
        (54, 10, 10),  # 1.08 is within the tolerance of 10 %
        (56, 10, 12),  # ceil(56 / 5)
        (45, 10, 10),  # 0.9 is within the tolerance
        (1000, 10, 20),  # 200, but at most + 100 % in 15 s
        (1000, 2, 6),  # at most + 4 where that is more than + 100 %
    ],
)
def test_up_at_a_sync(messages: int, current: int, desired: int) -> None:
    assert plan(look(messages, current), LIMITS, SYNC).desired == desired


def test_nothing_changes_between_two_syncs() -> None:
    for after in (5.0, 10.0):
        saw = look(1000, 10, SYNC + after)
        assert plan(saw, LIMITS, SYNC + after).desired == 10
    assert plan(look(1000, 10, SYNC + 15), LIMITS, SYNC + 15).desired == 20


def test_down_to_the_highest_recommendation_of_300_s() -> None:
    # 5 messages are work for one pod; the window remembers what was recommended before.
    saw = look(5, 10, before=40)
    assert plan(saw, LIMITS, SYNC).desired == 8
    assert plan(look(5, 10), LIMITS, SYNC).desired == 1


def test_down_only_when_the_peak_is_300_s_ago() -> None:
    def after(seconds: float) -> int:
        peak = past(50, 10, SYNC - seconds)
        calm = past(5, 10, SYNC, seconds)
        saw = Snapshot(5, 0, workers=10, past=(*peak, *calm))
        return plan(saw, LIMITS, SYNC).desired

    # Of a peak that ended 275 s ago the last sync was 285 s ago; 300 s are over for the other.
    assert after(270.0) == 10
    assert after(295.0) == 1


def test_from_zero_at_a_poll_every_30_s() -> None:
    for now, desired in ((SYNC, 1), (SYNC + 5, 0), (SYNC + 15, 0), (SYNC + 30, 1)):
        assert plan(look(100, 0, now), FROM_ZERO, now).desired == desired


def test_to_zero_after_a_cool_down_of_300_s() -> None:
    def after(seconds: float) -> int:
        busy = past(5, 1, SYNC - seconds)
        quiet = past(0, 1, SYNC, seconds)
        return plan(Snapshot(0, 0, workers=1, past=(*busy, *quiet)), FROM_ZERO, SYNC).desired

    # The polls 300 s and 330 s ago were the last to see messages.
    assert after(295.0) == 1
    assert after(305.0) == 0


def test_the_hpa_never_goes_below_one() -> None:
    saw = look(1, 3, before=0)
    assert plan(saw, FROM_ZERO, SYNC).desired == 1
