"""What one tick saw, wanted and did, for whoever tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from balancer.answered import Answered
from balancer.patience import Overdue
from balancer.plan import Plan, Snapshot
from balancer.rules import Rules


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick. `at` is seconds on the balancer's clock.

    `wanted` is the policy's plan, `done` what came of it. `hourly` is what all workers that existed cost
    in dollars an hour, `served` how many pictures were reported since the tick before. `runs_on` counts
    the workers by type and market. `answered` is how requests fared since the tick before, `watched` whether
    somebody looks, `keys_age` for how long, in seconds, the replica that is worst off has not read the keys.
    """

    number: int
    epoch: int
    at: float
    saw: Snapshot
    rules: Rules
    wanted: Plan
    done: Plan
    ended: tuple[Overdue, ...] = ()
    hourly: float = 0.0
    served: int = 0
    runs_on: Mapping[str, int] = field(default_factory=dict)
    answered: Answered = field(default_factory=Answered)
    watched: bool = False
    keys_age: float | None = None
