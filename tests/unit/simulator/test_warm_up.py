"""What happens while a service warms up is run, but neither counted nor billed."""

import numpy as np
import pytest

from balancer.plan import Limits
from balancer.simulator.baseline import plan
from balancer.simulator.run import simulate
from balancer.simulator.traces import of
from balancer.simulator.world import World

LIMITS = Limits(min_workers=1, max_workers=1)


def test_waits_and_bill_are_those_of_the_rest() -> None:
    # One worker, 1 s a picture: ten at once wait 0 to 9 s; one a minute later, alone, waits 0 s.
    trace = of("burst first", np.array([0.0] * 10 + [100.0]), 120.0)
    whole = simulate(trace, plan, LIMITS, World())
    rest = simulate(trace, plan, LIMITS, World(warm_up=60.0))
    assert (whole.answered, whole.unanswered) == (11, 0)
    assert whole.wait_max == pytest.approx(9.0)
    assert (rest.answered, rest.unanswered) == (1, 0)
    assert rest.wait_max == pytest.approx(0.0)
    assert whole.worker_seconds == pytest.approx(120.0)
    assert rest.worker_seconds == pytest.approx(60.0)


def test_a_negative_one_is_refused() -> None:
    with pytest.raises(ValueError, match="warm_up"):
        World(warm_up=-1.0)
