"""The hourly budget: how many workers it pays for, and what is left of it for a launch.

The price of a worker is the mean of those that stay, or the last known. The budget never goes below
W_min: these workers were asked for at any price, so that what they cost more is bounded, and an outage
by arithmetic is not what a cap is for. They are launched first and by themselves, because nobody else's
price may be overlooked. What is over the budget leaves by the policy's own scale-in, never busy.
"""

from dataclasses import dataclass, replace
from math import floor

from balancer.plan import Limits

BOUND = "budget"


@dataclass(frozen=True, slots=True)
class Costs:
    """Dollars an hour: of all workers that exist, and of one more, None while nobody knows."""

    hourly: float = 0.0
    price: float | None = None


def within(
    budget: float | None, limits: Limits, costs: Costs, staying: int
) -> tuple[Limits, float | None]:
    """The limits lowered to what the budget pays for, and the dollars an hour left for a launch.

    Args:
        budget: dollars an hour; None is no limit.
        limits: what holds otherwise.
        costs: what the fleet costs now.
        staying: workers that are running or launching, N_w.

    Returns:
        The second is None when a launch need not look at its price.
    """
    if budget is None or costs.price == 0.0:
        return limits, None
    most = _affordable(budget, limits, costs.price, staying)
    if most < limits.max_workers:
        limits = replace(limits, max_workers=max(most, limits.min_workers), max_bound=BOUND)
    if staying < limits.min_workers:
        return limits, None
    return limits, max(0.0, budget - costs.hourly)


def _affordable(budget: float, limits: Limits, price: float | None, staying: int) -> int:
    if staying < limits.min_workers:
        return limits.min_workers
    if price is None:
        # Without a least number, whose price would be known, the launch itself looks at it.
        return limits.max_workers
    # 0.3 / 0.1 is 2.9999999999999996, and 0.30 $ do pay for three.
    return floor(round(budget / price, 9))
