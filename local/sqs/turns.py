"""Whose messages a receive brings: quiet groups' first, the longest visible first among them; then
those of noisy ones, each message from the group with the fewest in flight."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from local.sqs.fairness import Neighbors
from local.sqs.flights import Flights
from local.sqs.lanes import Lanes


class Candidate(NamedTuple):
    """A message that can be received; sorts by the order in which they are."""

    visible_ms: int
    id: int
    receives: int
    group: str


class Shelf(NamedTuple):
    """The messages of one queue: those of a group that can be received now, longest visible first,
    and when the group's first message is due, None where it has none."""

    ready: Callable[[str, int], list[Candidate]]
    due: Callable[[str], int | None]


class Turns:
    """Decides for one queue. Costs O(limit) whatever is in it: it looks at no more than `limit`
    messages of each of about `limit` groups, and at the noisy groups, of which there are few."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.flights = Flights()
        self._neighbors = Neighbors(self.lanes, self.flights)

    def choose(self, shelf: Shelf, limit: int, now: int) -> list[Candidate]:
        """Up to `limit` messages."""
        noisy = self._neighbors.noisy(now)
        aside: dict[str, int | None] = {}
        try:
            chosen, loud = self._quiet(shelf, limit, now, noisy, aside)
            if loud and len(chosen) < limit:
                chosen += self._loud(shelf, loud, limit - len(chosen), aside)
        finally:
            for group, due_ms in aside.items():
                self.lanes.put(group, due_ms)
        return chosen

    def next_due(self, shelf: Shelf) -> int | None:
        """When the first message can be received, which may be past; None where there is none."""
        while (head := self.lanes.first()) is not None:
            due_ms = shelf.due(head.group)
            if due_ms == head.due_ms:
                return due_ms
            self.lanes.put(head.group, due_ms)
        return None

    def _quiet(
        self, shelf: Shelf, limit: int, now: int, noisy: set[str], aside: dict[str, int | None]
    ) -> tuple[list[Candidate], list[str]]:
        found: list[Candidate] = []
        loud: list[str] = []
        while (head := self.lanes.first()) is not None and head.due_ms <= now:
            if len(found) == limit and head.due_ms > found[-1].visible_ms:
                break
            self.lanes.pop()
            aside[head.group] = head.due_ms
            if head.group in noisy:
                loud.append(head.group)
            else:
                ready = _ready(shelf, head.group, limit, aside)
                found = sorted([*found, *ready])[:limit] if found else ready
        return found, loud

    def _loud(
        self, shelf: Shelf, groups: list[str], limit: int, aside: dict[str, int | None]
    ) -> list[Candidate]:
        chosen: list[Candidate] = []
        lines = []
        for group in groups:
            ready = _ready(shelf, group, limit, aside)
            if ready:
                lines.append((self.flights.count[group], ready[0], ready[1:]))
        heapify(lines)
        while lines and len(chosen) < limit:
            flying, message, rest = heappop(lines)
            chosen.append(message)
            if rest:
                heappush(lines, (flying + 1, rest[0], rest[1:]))
        return chosen


def _ready(shelf: Shelf, group: str, limit: int, aside: dict[str, int | None]) -> list[Candidate]:
    ready = shelf.ready(group, limit)
    aside[group] = ready[0].visible_ms if ready else shelf.due(group)
    return ready
