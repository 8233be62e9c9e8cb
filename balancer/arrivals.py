"""How many messages came in a tick, from two witnesses that both see too little."""

from collections import deque

LATE = 2  # ticks by which what the queue showed may be told by the replicas


class Arrivals:
    """Replicas count every job but tell it seconds later; the queue shows at once what was not yet worked.

    The larger of the two is taken, and what the queue showed first is not counted again when the replicas
    tell of it.
    """

    def __init__(self) -> None:
        self._ahead: deque[float] = deque([0.0] * LATE, maxlen=LATE)

    def count(self, submitted: int, growth: int) -> float:
        """Messages that came since the last call.

        Args:
            submitted: what the replicas told of since then.
            growth: by how many waiting and worked messages there are more; negative for fewer.
        """
        told = float(submitted)
        for index, ahead in enumerate(self._ahead):
            known = min(ahead, told)
            self._ahead[index] -= known
            told -= known
        arrived = max(told, float(growth), 0.0)
        self._ahead.append(arrived - told)
        return arrived
