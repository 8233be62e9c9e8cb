"""The figures that every tick yields. Where they go is `cloudwatch` and `prometheus`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wire.errors import OWN_FAULTS
from wire.latency import middle

if TYPE_CHECKING:
    from balancer.answered import Answered

    # It leads to boto3, which the first workers do not wait for.
    from balancer.tick import Tick


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one tick. `counts` says that it is an increase since the last tick, not a level.

    `times` is how often the value occurred. `code` sets it apart from the same figure of other errors' codes.
    """

    name: str
    value: float
    unit: str = "Count"
    counts: bool = False
    times: int = 1
    code: str | None = None


class Metrics(Protocol):
    """Somewhere figures go."""

    def record(self, figures: list[Figure]) -> None:
        """Take one tick's figures; never waits and never fails."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known at a tick and not part of it; None where nobody knows.

    `per_thousand` is dollars for a thousand pictures, `criterion` how many workers the policy of that name
    would have, `dead_letters` how many messages lie in that queue.
    """

    per_thousand: float | None = None
    criterion: int | None = None
    dead_letters: int | None = None


def figures(tick: "Tick", beside: Beside) -> list[Figure]:
    """What a tick saw and did. What is not known, or costs nothing here, is no figure."""
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
        Figure("LaunchFailures", _missed(tick), counts=True),
        Figure("Terminates", done.terminate, counts=True),
        Figure("BootsOverdue", sum(late.booting for late in tick.ended), counts=True),
        Figure("Served", tick.served, counts=True),
        Figure("Arrivals", saw.arrived, counts=True),
        *_answered(tick.answered),
    ]
    known = {
        ("OldestWait", "Seconds"): saw.oldest_wait,
        ("BootSeconds", "Seconds"): saw.boot_seconds,
        ("KeysAge", "Seconds"): tick.keys_age,
        ("WorkersCriterion", "Count"): beside.criterion,
        ("DeadLetters", "Count"): beside.dead_letters,
        ("HourlyCost", "None"): tick.hourly or None,
        ("CostPerThousand", "None"): beside.per_thousand if tick.hourly else None,
    }
    told = {name: value for name, value in known.items() if value is not None}
    return found + [Figure(name, value, unit) for (name, unit), value in told.items()]


def _missed(tick: "Tick") -> int:
    """Launches that were tried and did not come: refused, or without capacity in any place."""
    return max(0, tick.wanted.launch - tick.done.launch - tick.done.held_back)


def _answered(answered: "Answered") -> list[Figure]:
    errors = {code: count for code, count in answered.codes.items() if code != "ok"}
    failures = sum(count for code, count in errors.items() if code in OWN_FAULTS)
    return [
        Figure("Answers", sum(answered.codes.values()), counts=True),
        Figure("Errors", sum(errors.values()), counts=True),
        Figure("Failures", failures, counts=True),
        *(Figure("Errors", count, counts=True, code=code) for code, count in errors.items()),
        *(
            Figure("Latency", middle(bucket), "Seconds", times=count)
            for bucket, count in answered.seconds.items()
        ),
    ]
