"""Who holds how much of one queue's consumers: messages in flight, and time recently spent on them.

In memory only, and approximate as in SQS: after a restart it knows the messages in flight, not the
time that was spent. All times: milliseconds.
"""

from collections import Counter
from heapq import heapify, heappop, heappush
from typing import NamedTuple

CROWD = 30
PERIOD_MS = 30_000
_SLACK = 10_000  # entries of messages that were deleted long before their visibility ends


class _Flight(NamedTuple):
    group: str
    since_ms: int
    until_ms: int


class Flights:
    """Messages in flight by group. Call `advance` before anything is read.

    `spent` is the time that messages of a group were in flight, of those whose flights ended in
    this period or the last one; a period is 30 s.
    """

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.crowds: set[str] = set()
        self._flights: dict[int, _Flight] = {}
        self._ends: list[tuple[int, int]] = []
        self._period_ms = 0
        self._spent: Counter[str] = Counter()
        self._spent_before: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._flights)

    def start(self, message: int, group: str, now: int, until_ms: int) -> None:
        """A message was handed out."""
        self.end(message, now)
        if until_ms > now:
            self._add(message, _Flight(group, now, until_ms))

    def recall(self, message: int, group: str, until_ms: int) -> None:
        """A message was handed out before the restart, nobody knows when."""
        self._add(message, _Flight(group, until_ms, until_ms))

    def hold(self, message: int, group: str, now: int, until_ms: int) -> None:
        """Its flight, which a transaction that was undone may have ended here alone, ends at another time."""
        flight = self._flights.get(message)
        if flight is None or until_ms <= now:
            self.start(message, group, now, until_ms)
            return
        self._flights[message] = flight._replace(until_ms=until_ms)
        heappush(self._ends, (until_ms, message))

    def end(self, message: int, now: int) -> None:
        """It was deleted or given back, if it was in flight at all."""
        flight = self._flights.pop(message, None)
        if flight is None:
            return
        self.count[flight.group] -= 1
        if self.count[flight.group] < CROWD:
            self.crowds.discard(flight.group)
        if not self.count[flight.group]:
            del self.count[flight.group]
        self._spent[flight.group] += max(0, min(now, flight.until_ms) - flight.since_ms)
        if len(self._ends) > _SLACK + 2 * len(self._flights):
            self._ends = [(one.until_ms, id_) for id_, one in self._flights.items()]
            heapify(self._ends)

    def advance(self, now: int) -> None:
        """End the flights whose visibility has run out, and the period if it is over."""
        while self._ends and self._ends[0][0] <= now:
            until_ms, message = heappop(self._ends)
            flight = self._flights.get(message)
            if flight is not None and flight.until_ms == until_ms:
                self.end(message, now)
        if now - self._period_ms >= PERIOD_MS:
            recent = now - self._period_ms < 2 * PERIOD_MS
            self._spent_before = self._spent if recent else Counter()
            self._spent, self._period_ms = Counter(), now

    def spent(self) -> Counter[str]:
        """Time recently spent, by group."""
        return self._spent + self._spent_before

    def _add(self, message: int, flight: _Flight) -> None:
        self._flights[message] = flight
        heappush(self._ends, (flight.until_ms, message))
        self.count[flight.group] += 1
        if self.count[flight.group] >= CROWD:
            self.crowds.add(flight.group)
