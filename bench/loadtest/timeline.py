"""A run in slices of time. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.loadtest.outcome import Outcome
from bench.loadtest.summary import percentile

WIDTHS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)  # seconds
ROUNDING = 1e-6  # of a slice: what is due at its begin belongs to it, whatever floats make of that
MANY = 120  # slices that can be told apart in a picture


@dataclass(slots=True)
class Slice:
    """`due` and the latencies by due time; `answered` and `errors` by the time of the answer.

    `seconds` are the latencies of the answered, ascending; `begin` is in seconds.
    """

    begin: float
    due: int = 0
    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float | None:
        """Seconds; None where nothing was answered."""
        return percentile(self.seconds, share) if self.seconds else None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Slices of `width` seconds each, without gaps from the beginning of the run to its last answer."""

    width: float
    slices: list[Slice]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Timeline":
        """The narrowest slices that are not too many."""
        last = max((outcome.end for outcome in outcomes), default=0.0)
        width = next((each for each in WIDTHS if last / each < MANY), WIDTHS[-1])
        slices = [Slice(number * width) for number in range(int(last / width) + 1)]
        for outcome in outcomes:
            due = slices[min(len(slices) - 1, int(outcome.due / width + ROUNDING))]
            end = slices[int(outcome.end / width)]
            due.due += 1
            if outcome.ok:
                end.answered += 1
                due.seconds.append(outcome.seconds)
            else:
                end.errors[outcome.code] += 1
        for each in slices:
            each.seconds.sort()
        return cls(width, slices)

    def as_json(self) -> list[dict[str, object]]:
        """A row for each slice, with its units in the names."""
        return [
            {
                "beginSeconds": each.begin,
                "due": each.due,
                "answered": each.answered,
                "errors": dict(each.errors),
                "p50Seconds": each.quantile(0.5),
                "p99Seconds": each.quantile(0.99),
                "maxSeconds": each.quantile(1),
            }
            for each in self.slices
        ]
