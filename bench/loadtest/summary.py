"""The figures of one load test. Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.loadtest.outcome import Outcome


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the least value that at least `share` of all do not exceed.

    Args:
        ordered: values in ascending order, at least one.
        share: over 0, up to 1.

    Raises:
        ValueError: no values, or a share outside its range.
    """
    if not ordered or not 0 < share <= 1:
        raise ValueError("a percentile needs values and a share over 0, up to 1")
    return ordered[math.ceil(share * len(ordered)) - 1]


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds until the answer, of the requests that were answered with a label."""

    mean: float
    p50: float
    p95: float
    longest: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency | None":
        """None when there are no values."""
        if not seconds:
            return None
        ordered = sorted(seconds)
        mean = math.fsum(ordered) / len(ordered)
        return cls(mean, percentile(ordered, 0.5), percentile(ordered, 0.95), ordered[-1])


@dataclass(frozen=True, slots=True)
class Summary:
    """`elapsed` is in seconds from the first request to the last answer; `errors` counts by code."""

    requests: int
    answered: int
    elapsed: float
    latency: Latency | None
    errors: Mapping[str, int]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], elapsed: float) -> "Summary":
        answered = [outcome.seconds for outcome in outcomes if outcome.ok]
        errors = Counter(outcome.code for outcome in outcomes if not outcome.ok)
        return cls(
            len(outcomes),
            len(answered),
            elapsed,
            Latency.of(answered),
            dict(errors.most_common()),
        )

    @property
    def success_rate(self) -> float:
        """0 to 1."""
        return self.answered / self.requests if self.requests else 0.0

    @property
    def throughput(self) -> float:
        """Answered requests per second."""
        return self.answered / self.elapsed if self.elapsed > 0 else 0.0

    def as_json(self) -> dict[str, object]:
        """The summary with its units in the names."""
        latency = self.latency
        return {
            "requests": self.requests,
            "answered": self.answered,
            "successRate": self.success_rate,
            "elapsedSeconds": self.elapsed,
            "answersPerSecond": self.throughput,
            "meanSeconds": latency and latency.mean,
            "p50Seconds": latency and latency.p50,
            "p95Seconds": latency and latency.p95,
            "maxSeconds": latency and latency.longest,
            "errors": dict(self.errors),
        }
