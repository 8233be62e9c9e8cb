"""How many connections a replica holds, and who has to go when one more comes."""

from typing import Protocol


class Guest(Protocol):
    """A connection."""

    def evict(self) -> None:
        """End it at once."""


class Door:
    """Counts connections. One that has no request under way may be closed to make room for a new one,
    the one that has been so for longest first: to hold connections open keeps nobody out.

    Args:
        limit: connections at the same time.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside: set[Guest] = set()
        self._idle: dict[Guest, None] = {}  # in the order in which they fell idle

    def __len__(self) -> int:
        return len(self._inside)

    def enter(self, guest: Guest) -> bool:
        """Whether there is room for one more; it counts as idle until it asks something."""
        if len(self._inside) >= self._limit and not self._make_room():
            return False
        self._inside.add(guest)
        self.idle(guest)
        return True

    def idle(self, guest: Guest) -> None:
        """It has no request under way from now on."""
        if guest in self._inside:
            self._idle[guest] = None

    def busy(self, guest: Guest) -> None:
        """It has a request under way."""
        self._idle.pop(guest, None)

    def leave(self, guest: Guest) -> None:
        """It is gone."""
        self._inside.discard(guest)
        self._idle.pop(guest, None)

    def _make_room(self) -> bool:
        longest = next(iter(self._idle), None)
        if longest is None:
            return False
        self.leave(longest)
        longest.evict()
        return True
