"""The last step of the policies: bounds, and the minute that is paid anyway."""

from dataclasses import replace

import pytest

from balancer.plan import Limits, Snapshot
from balancer.steps import toward

LIMITS = Limits(min_workers=2, max_workers=10)


@pytest.mark.parametrize(
    ("wanted", "workers", "fresh", "desired", "launch", "terminate", "bound"),
    [
        (5, 3, 0, 5, 2, 0, None),
        (5, 5, 0, 5, 0, 0, None),
        (5, 8, 0, 5, 0, 3, None),
        (0, 8, 0, 2, 0, 6, "W_min"),
        (0, 0, 0, 2, 2, 0, "W_min"),
        (12, 3, 0, 10, 7, 0, "W_max"),
        (5, 8, 6, 5, 0, 2, "paid minute"),
        (5, 8, 8, 5, 0, 0, "paid minute"),
        (2, 13, 13, 2, 0, 3, "paid minute"),
        (0, 8, 7, 2, 0, 1, "W_min"),
    ],
)
def test_figures(wanted, workers, fresh, desired, launch, terminate, bound) -> None:
    saw = Snapshot(queued=0, in_flight=0, workers=workers, fresh=fresh)
    plan = toward(wanted, saw, LIMITS, "because", {"x": 1.0})
    assert (plan.desired, plan.launch, plan.terminate) == (desired, launch, terminate)
    why = "fewer workers than W_min" if launch and bound == "W_min" else "because"
    assert (plan.bound, plan.reason, plan.numbers) == (bound, why, {"x": 1.0})


def test_the_bound_bears_the_name_of_what_set_it() -> None:
    limits = Limits(min_workers=0, max_workers=3, max_bound="budget")
    assert toward(9, Snapshot(0, 0, workers=0), limits, "", {}).bound == "budget"


@pytest.mark.parametrize(
    ("launching", "terminate", "bound"), [(0, 3, None), (1, 3, None), (4, 1, "booting")]
)
def test_who_boots_is_not_told_to_go(launching, terminate, bound) -> None:
    saw = Snapshot(0, 0, workers=5, launching=launching)
    plan = toward(2, saw, LIMITS, "", {})
    assert (plan.launch, plan.terminate, plan.bound) == (0, terminate, bound)


def test_nobody_is_launched_in_the_place_of_one_who_may_stay() -> None:
    most = LIMITS.max_workers
    assert toward(most, Snapshot(0, 0, workers=most - 3, unanswered=2), LIMITS, "", {}).launch == 1
    assert toward(most, Snapshot(0, 0, workers=most - 3, unanswered=9), LIMITS, "", {}).launch == 0


def test_nobody_who_works_is_sent_away_while_others_boot_and_messages_wait() -> None:
    works = Snapshot(queued=12, in_flight=2, workers=9, busy=2, launching=7)
    assert toward(3, works, LIMITS, "", {}).terminate == 0
    assert toward(3, works, LIMITS, "", {}).bound == "booting"
    assert toward(3, replace(works, queued=0), LIMITS, "", {}).terminate == 2
    assert toward(3, replace(works, launching=0), LIMITS, "", {}).terminate == 6
    assert toward(3, replace(works, workers=12), LIMITS, "", {}).terminate == 2  # above W_max
