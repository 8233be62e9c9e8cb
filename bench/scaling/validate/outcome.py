"""What is compared: the same figures, measured and predicted. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.loadtest.summary import percentile


@dataclass(frozen=True, slots=True)
class Look:
    """One tick: seconds since the first arrival, workers N_w and messages waiting N_q."""

    at: float
    workers: float
    queued: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Waits in seconds from enqueueing to the start of work; `workers` is the mean number that existed.

    `seconds` is from the first arrival to the last answer.
    """

    wait_mean: float
    wait_p50: float
    wait_p95: float
    wait_p99: float
    workers: float
    worker_seconds: float
    launches: float
    seconds: float
    looks: Sequence[Look] = ()

    @classmethod
    def of(
        cls,
        waits: Sequence[float],
        worker_seconds: float,
        launches: int,
        seconds: float,
        looks: Sequence[Look],
    ) -> "Outcome":
        ordered = sorted(waits)
        mean = math.fsum(ordered) / len(ordered)
        p50, p95, p99 = (percentile(ordered, share) for share in (0.5, 0.95, 0.99))
        workers = worker_seconds / seconds
        return cls(mean, p50, p95, p99, workers, worker_seconds, launches, seconds, looks)


def mean(outcomes: Sequence[Outcome]) -> Outcome:
    """The mean of each figure, and of each tick."""

    def of(figure: Callable[[Outcome], float]) -> float:
        return math.fsum(figure(each) for each in outcomes) / len(outcomes)

    return Outcome(
        wait_mean=of(lambda each: each.wait_mean),
        wait_p50=of(lambda each: each.wait_p50),
        wait_p95=of(lambda each: each.wait_p95),
        wait_p99=of(lambda each: each.wait_p99),
        workers=of(lambda each: each.workers),
        worker_seconds=of(lambda each: each.worker_seconds),
        launches=of(lambda each: each.launches),
        seconds=of(lambda each: each.seconds),
        looks=mean_looks([each.looks for each in outcomes]),
    )


def mean_looks(runs: Sequence[Sequence[Look]]) -> list[Look]:
    """Tick by tick, for as many ticks as all runs have."""
    return [
        Look(
            each[0].at,
            math.fsum(look.workers for look in each) / len(each),
            math.fsum(look.queued for look in each) / len(each),
        )
        for each in zip(*runs, strict=False)
    ]


JUDGED: Mapping[str, Callable[[Outcome], float]] = {
    "workers, mean": lambda each: each.workers,
    "wait, mean": lambda each: each.wait_mean,
    "wait, p50": lambda each: each.wait_p50,
    "wait, p95": lambda each: each.wait_p95,
    "wait, p99": lambda each: each.wait_p99,
}


def deviations(measured: Outcome, predicted: Outcome) -> dict[str, float]:
    """How far the prediction is off, as a share of what was measured, by name."""
    return {name: of(predicted) / of(measured) - 1 for name, of in JUDGED.items()}


def by_minute(looks: Sequence[Look], seconds: float) -> list[tuple[float, float]]:
    """Mean workers and mean waiting messages in each minute that has a look."""
    found = []
    for minute in range(math.ceil(seconds / 60)):
        within = [look for look in looks if minute * 60 <= look.at < (minute + 1) * 60]
        if within:
            found.append(
                (
                    math.fsum(look.workers for look in within) / len(within),
                    math.fsum(look.queued for look in within) / len(within),
                )
            )
    return found
