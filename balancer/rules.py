"""What holds in a tick: the settings, the operator's word over them, the budget over both."""

from dataclasses import dataclass

from balancer.budget import Costs, within
from balancer.ledger import Ledger
from balancer.operator import Desk
from balancer.plan import Limits


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits as a policy gets them. `hourly` is what may still be launched for, in dollars an hour."""

    limits: Limits
    hourly: float | None = None
    paused: bool = False


class RuleBook:
    """Makes the rules of each tick. `budget` is in dollars an hour, None for no limit."""

    def __init__(self, desk: Desk, ledger: Ledger, budget: float | None) -> None:
        self._desk = desk
        self._ledger = ledger
        self._budget = budget

    def rules(self, now: float) -> Rules:
        """What holds now."""
        costs = Costs(self._ledger.hourly(), self._ledger.price)
        staying = self._ledger.staying(now)
        limits, left = within(self._budget, self._desk.limits, costs, staying)
        return Rules(limits, left, self._desk.paused)
