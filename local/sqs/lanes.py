"""The groups that have messages in one queue, in the order in which their first messages are due.

A group's head is never later than the time at which its first message can be received, so that none
is overlooked; it may be earlier, when that message has gone. Whoever finds it so sets it right.
That makes deletes and rolled back transactions cost nothing here. Times: milliseconds.
"""

from heapq import heappop, heappush
from typing import NamedTuple


class Head(NamedTuple):
    """A group and the earliest time at which it may have a message."""

    due_ms: int
    group: str


class Lanes:
    """The heads of one queue. Messages without a group share the group of the empty name."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}
        self._sent: dict[str, int] = {}
        # Holds an entry for every change of a head; only the one that agrees with `_due` counts.
        self._heap: list[Head] = []

    def sent(self, group: str, now: int) -> None:
        """A message of the group was sent."""
        self._sent[group] = now

    def silent_ms(self, group: str, now: int) -> int:
        """How long the group has sent nothing; 0 where that is not known, after a restart."""
        return now - self._sent.get(group, now)

    def lower(self, group: str, due_ms: int) -> None:
        """The group has a message that can be received at that time."""
        if due_ms < self._due.get(group, due_ms + 1):
            self.put(group, due_ms)

    def put(self, group: str, due_ms: int | None) -> None:
        """Set the group's head; None where it has no message."""
        if due_ms is None:
            self._due.pop(group, None)
            self._sent.pop(group, None)
            return
        self._due[group] = due_ms
        heappush(self._heap, Head(due_ms, group))

    def first(self) -> Head | None:
        """The earliest head."""
        while self._heap:
            head = self._heap[0]
            if self._due.get(head.group) == head.due_ms:
                return head
            heappop(self._heap)
        return None

    def pop(self) -> None:
        """Take the earliest head away, which `first` gave; `put` it back."""
        del self._due[heappop(self._heap).group]
