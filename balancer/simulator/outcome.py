"""What came of a simulation."""

from dataclasses import dataclass, fields
from typing import Any

Series = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Waits in seconds from enqueueing to start of work, over all answered pictures; cost in dollars.

    `duration` is in seconds: until the first tick after the trace at which all was answered. That is when
    the bill is made up; `worker_seconds` are billed ones. `launches` counts those that were there at the
    start as well, `terminates` messages sent, `scale_ins` workers that took one, `direction_changes` how
    often launching turned into terminating or back.

    `series` has a value per tick after the warm-up: `at` (s), `arrivals` (since the tick before),
    `backlog`, `workers` (N_w), `ready`, `wait` and `longest` (mean and greatest of the pictures begun since,
    s), `misses` (since), `cost` ($ so far).
    """

    wait_p50: float
    wait_p95: float
    wait_p99: float
    wait_mean: float
    wait_max: float
    deadline_misses: int
    answered: int
    unanswered: int
    cost: float
    worker_seconds: float
    worker_hours: float
    launches: int
    terminates: int
    scale_ins: int
    redelivered: int
    redelivered_by_scale_in: int
    direction_changes: int
    duration: float
    series: Series

    def as_json(self, series: bool = False) -> dict[str, Any]:
        """Figures by name."""
        names = [field.name for field in fields(self) if series or field.name != "series"]
        return {name: getattr(self, name) for name in names}
