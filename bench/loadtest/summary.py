"""The figures of one load test. Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.loadtest.outcome import Outcome

TOLERABLE = 0.05  # seconds; above that a sender is late, not just woken a little after its time
MOST_LATE = 0.01  # share of the requests
HICCUPS = 2  # late requests of any run that prove nothing


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
    """Seconds from the due time to the answer; all samples count, none is binned or estimated."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    p999: float
    longest: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency | None":
        """None when there are no values."""
        if not seconds:
            return None
        ordered = sorted(seconds)
        mean = math.fsum(ordered) / len(ordered)
        return cls(
            mean=mean,
            p50=percentile(ordered, 0.5),
            p90=percentile(ordered, 0.9),
            p95=percentile(ordered, 0.95),
            p99=percentile(ordered, 0.99),
            p999=percentile(ordered, 0.999),
            longest=ordered[-1],
        )


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the sender itself was, in seconds; `count`, a `share`, of the requests by over 50 ms."""

    p99: float
    longest: float
    share: float
    count: int = 0

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Lateness":
        late = sorted(outcome.late for outcome in outcomes)
        if not late:
            return cls(0.0, 0.0, 0.0)
        above = sum(each > TOLERABLE for each in late)
        return cls(percentile(late, 0.99), late[-1], above / len(late), above)

    @property
    def lags(self) -> bool:
        """Whether the load was not what was asked for: this machine could not send it."""
        return self.share > MOST_LATE and self.count > HICCUPS


@dataclass(frozen=True, slots=True)
class Summary:
    """`elapsed` is in seconds from the first request to the last answer; `errors` counts by code.

    `latency` is of the requests that were answered with a label. `unfinished` were open when the run was
    cut off, and are in no other figure; `cached` of the answers came from the service's memory.
    """

    requests: int
    answered: int
    elapsed: float
    latency: Latency | None
    errors: Mapping[str, int]
    cached: int = 0
    retried: int = 0
    unfinished: int = 0
    late: Lateness = Lateness(0.0, 0.0, 0.0)

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], elapsed: float, unfinished: int = 0) -> "Summary":
        answered = [outcome.seconds for outcome in outcomes if outcome.ok]
        errors = Counter(outcome.code for outcome in outcomes if not outcome.ok)
        return cls(
            requests=len(outcomes),
            answered=len(answered),
            elapsed=elapsed,
            latency=Latency.of(answered),
            errors=dict(errors.most_common()),
            cached=sum(outcome.cached for outcome in outcomes),
            retried=sum(outcome.tries > 1 for outcome in outcomes),
            unfinished=unfinished,
            late=Lateness.of(outcomes),
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
            "p90Seconds": latency and latency.p90,
            "p95Seconds": latency and latency.p95,
            "p99Seconds": latency and latency.p99,
            "p999Seconds": latency and latency.p999,
            "maxSeconds": latency and latency.longest,
            "cached": self.cached,
            "retried": self.retried,
            "unfinished": self.unfinished,
            "senderLateP99Seconds": self.late.p99,
            "senderLateMaxSeconds": self.late.longest,
            "senderLags": self.late.lags,
            "errors": dict(self.errors),
        }
