"""When one run beats another by much: the one measure of every table."""

from typing import Protocol

HALF_THE_WAIT = 0.5
LESS_COST = 0.7


class Judged(Protocol):
    """p99 wait in seconds, cost in dollars."""

    @property
    def wait(self) -> float: ...

    @property
    def cost(self) -> float: ...


def dominates(mine: Judged, rival: Judged) -> bool:
    """At equal or lower cost at most half the p99 wait, or at an equal or lower wait at most 70 % of cost."""
    waits = mine.cost <= rival.cost and mine.wait <= HALF_THE_WAIT * rival.wait
    costs = mine.wait <= rival.wait and mine.cost <= LESS_COST * rival.cost
    return waits or costs
