"""When a short cut that keeps leading nowhere is left alone for a while. No I/O."""

ENOUGH = 3  # setbacks in a row
REST = 60.0  # seconds


class Setbacks:
    """Of one short cut; times in seconds, by any clock that does not go back."""

    def __init__(self) -> None:
        self._count = 0
        self._last = float("-inf")
        self._until = float("-inf")

    def resting(self, now: float) -> bool:
        """Whether it is to be left alone."""
        return now < self._until

    def success(self) -> None:
        self._count = 0

    def setback(self, began: float, now: float) -> None:
        """One that was taken at `began` and led nowhere at `now`.

        Those that were open at once when one failed, as when a server restarts, count as one."""
        if began < self._last:
            return
        self._last = now
        self._count += 1
        if self._count >= ENOUGH:
            self._count, self._until = 0, now + REST
