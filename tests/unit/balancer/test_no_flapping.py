"""Policies in the loop: what a load that does not change makes of the number of workers.

How often the others change direction in an hour is in docs/decisions/0007-scaling-policies.md.
"""

import pytest

from balancer.plan import Limits
from balancer.policies import find
from balancer.simulator.run import simulate
from balancer.simulator.shapes import generated
from balancer.simulator.world import World

QUIET = ["forecast", "wait-time"]
LIMITS = Limits(min_workers=1, max_workers=19, scale_in_delay=30.0, service_seconds=1.0)


def turns(policy: str, shape: str, rate: float, boot: float) -> int:
    """Changes of direction in an hour, after ten minutes to find the load."""
    trace = generated(shape, rate, 4200.0, 1)
    world = World(boot_seconds=boot, warm_up=600.0)
    return simulate(trace, find(policy), LIMITS, world, series=False).direction_changes


@pytest.mark.parametrize("boot", [45.0, 10.0, 1.0])
@pytest.mark.parametrize("rate", [0.5, 2.0, 5.0, 12.0])
@pytest.mark.parametrize("policy", QUIET)
def test_a_constant_load_is_left_alone(policy: str, rate: float, boot: float) -> None:
    assert turns(policy, "steady", rate, boot) == 0


@pytest.mark.parametrize("boot", [45.0, 1.0])
@pytest.mark.parametrize("policy", QUIET)
def test_chance_alone_moves_them_seldom(policy: str, boot: float) -> None:
    assert turns(policy, "poisson", 5.0, boot) <= turns("criterion", "poisson", 5.0, boot) / 20
