"""The figures that every tick yields. Where they go is `cloudwatch` and `prometheus`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # It leads to boto3, which the first workers do not wait for.
    from balancer.tick import Tick


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


def figures(tick: "Tick", per_thousand: float | None) -> list[Figure]:
    """What a tick saw and did. What is not known, or costs nothing here, is no figure.

    Args:
        tick: see there.
        per_thousand: dollars for a thousand pictures.
    """
    saw, done = tick.saw, tick.done
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
        Figure("BootsOverdue", sum(late.booting for late in tick.ended), counts=True),
        Figure("Served", tick.served, counts=True),
    ]
    known = {"OldestWait": saw.oldest_wait, "BootSeconds": saw.boot_seconds}
    found += [Figure(name, value, "Seconds") for name, value in known.items() if value is not None]
    if tick.hourly:
        found.append(Figure("HourlyCost", tick.hourly, "None"))
        if per_thousand is not None:
            found.append(Figure("CostPerThousand", per_thousand, "None"))
    return found
