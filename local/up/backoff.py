"""How long a part that died stays down."""

from dataclasses import dataclass

FIRST = 0.5
LONGEST = 30.0
HEALTHY = 60.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from 0.5 s to 30 s with each death in a row. `deaths` counts those in a row."""

    deaths: int = 0

    def died(self, lived: float) -> "Backoff":
        """After one more death; a life of 60 s or more clears the count first."""
        return Backoff(1 if lived >= HEALTHY else self.deaths + 1)

    @property
    def delay(self) -> float:
        """Seconds until the next start."""
        if self.deaths == 0:
            return 0.0
        # The exponent is bounded because a float is not: 2.0**1100 overflows.
        return min(LONGEST, FIRST * 2.0 ** min(self.deaths - 1, 16))
