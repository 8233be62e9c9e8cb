"""The dozen figures that every tick yields. Where they go is `cloudwatch` and `prometheus`."""

from dataclasses import dataclass
from typing import Protocol

from balancer.plan import Plan, Snapshot


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one tick. `counts` says that it is an increase since the last tick, not a level."""

    name: str
    value: float
    unit: str = "Count"
    counts: bool = False


class Metrics(Protocol):
    """Somewhere figures go."""

    def record(self, figures: list[Figure]) -> None:
        """Take one tick's figures; never waits and never fails."""


def figures(saw: Snapshot, done: Plan, served: int) -> list[Figure]:
    """What a tick saw and did. `served` is the number of pictures reported since the last tick."""
    found = [
        Figure("QueueDepth", saw.queued),
        Figure("InFlight", saw.in_flight),
        Figure("Workers", saw.workers),
        Figure("WorkersLaunching", saw.launching),
        Figure("WorkersBusy", saw.busy),
        Figure("WorkersIdle", saw.idle),
        Figure("WorkersDraining", saw.draining),
        Figure("WorkersDesired", done.desired),
        Figure("Launches", done.launch, counts=True),
        Figure("Terminates", done.terminate, counts=True),
        Figure("Served", served, counts=True),
    ]
    if saw.oldest_wait is not None:
        found.append(Figure("OldestWait", saw.oldest_wait, unit="Seconds"))
    return found
