"""How many workers may begin to boot where all share one machine. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from balancer.ledger import Row

# One that takes twice as long as boots do is perhaps hung, and must not keep the others from coming until
# its grace ends; what is measured in tenths of a second is no measure on a machine that has just got work.
LONG_BY = 2.0
LONG_AT_LEAST = 5.0


@dataclass(frozen=True, slots=True)
class Boots:
    """`at_once` boots at a time. `usual` is what one takes, in seconds, until that is measured."""

    at_once: int
    usual: float

    def room(self, rows: Iterable[Row], measured: float | None, now: float) -> int:
        """How many may begin now; a boot takes a place for as long as boots take."""
        normal = max(LONG_AT_LEAST, LONG_BY * (measured or self.usual))
        taken = sum(row.launching and now - row.seen_at < normal for row in rows)
        return max(0, self.at_once - taken)
