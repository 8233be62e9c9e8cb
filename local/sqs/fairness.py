"""Which groups are noisy neighbors.

Source: SQS developer guide, "How Amazon SQS fair queues work": a tenant is noisy that has more than
10 % of the messages in flight and at least 30 of them, or more than 10 % of the time that consumers
recently spent; no more so once it has no backlog, or has sent nothing for 5 minutes. The page gives
no length for "recently"; here it is `flights.PERIOD_MS`, and a second at least must have been spent.
"""

from local.sqs.flights import Flights
from local.sqs.lanes import Lanes

NOISY_SHARE = 0.1
LEAST_SPENT_MS = 1_000
SILENCE_MS = 300_000
_LOOK_MS = 1_000
NOBODY = ""


class Neighbors:
    """The groups of one queue, by what they take of its consumers."""

    def __init__(self, lanes: Lanes, flights: Flights) -> None:
        self._lanes = lanes
        self._flights = flights
        self._slow: frozenset[str] = frozenset()
        self._looked_ms = 0

    def noisy(self, now: int) -> set[str]:
        """Those who are noisy now, at most 18. Who has no group is a neighbor of its own: never."""
        self._flights.advance(now)
        if not 0 <= now - self._looked_ms < _LOOK_MS:
            self._slow, self._looked_ms = _over_their_time(self._flights), now
        flying = len(self._flights)
        crowding = {
            group
            for group in self._flights.crowds
            if self._flights.count[group] > NOISY_SHARE * flying
        }
        return {
            group
            for group in crowding | self._slow
            if group != NOBODY and self._lanes.silent_ms(group, now) < SILENCE_MS
        }


def _over_their_time(flights: Flights) -> frozenset[str]:
    spent = flights.spent()
    bound = max(LEAST_SPENT_MS, NOISY_SHARE * spent.total())
    return frozenset(group for group, time_ms in spent.items() if time_ms > bound)
