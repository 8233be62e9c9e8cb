"""What pictures cost of late: the workers' price over the last minutes by what was served in them."""

from collections import deque

WINDOW = (
    300.0  # seconds; reports of what was served come every 30 s, and a price needs some of them
)


class Spending:
    """Adds up ticks."""

    def __init__(self) -> None:
        self._ticks: deque[tuple[float, float, int]] = deque()
        self._until: float | None = None

    def begin(self, at: float) -> None:
        """Nobody, or somebody else, counted until then; `at` as in `add`."""
        self._until = at

    def add(self, at: float, hourly: float, served: int) -> float | None:
        """Enter a tick; dollars for a thousand pictures over the window, None when nothing was served.

        Args:
            at: seconds on the balancer's clock.
            hourly: dollars an hour that the workers cost since the tick before, or since `begin`.
            served: pictures reported since then.
        """
        before, self._until = at if self._until is None else self._until, at
        self._ticks.append((at, hourly * (at - before) / 3600, served))
        while self._ticks[0][0] < at - WINDOW:
            self._ticks.popleft()
        pictures = sum(served for _, _, served in self._ticks)
        if not pictures:
            return None
        return 1000 * sum(dollars for _, dollars, _ in self._ticks) / pictures
