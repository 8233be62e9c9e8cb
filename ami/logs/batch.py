"""Lines that wait to be put, bounded in number and in bytes. Pure."""

from collections import deque
from collections.abc import Sequence

from ami.logs.journal import Line

# Of one PutLogEvents call (API reference), with room to spare.
EVENTS, BYTES = 5_000, 900_000
SPAN = 23 * 3600 * 1000  # milliseconds; a batch may span 24 h
WAITING = 50_000  # lines that are kept while CloudWatch is away


class Batches:
    """Keeps what came, oldest first; the oldest goes where there is too much, and is counted.

    Args:
        most: lines.
    """

    def __init__(self, most: int = WAITING) -> None:
        self._waiting: deque[Line] = deque(maxlen=most)
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, line: Line) -> None:
        """Keep it."""
        self.dropped += len(self._waiting) == self._waiting.maxlen
        self._waiting.append(line)

    def next(self) -> Sequence[Line]:
        """What one call may carry: of one process, in the order of time; `done` takes it off."""
        chosen: list[Line] = []
        size = 0
        for line in self._waiting:
            if chosen and line.process != chosen[0].process:
                continue
            size += line.size
            if size > BYTES or len(chosen) == EVENTS or (chosen and _far(chosen[0], line)):
                break
            chosen.append(line)
        return sorted(chosen, key=lambda line: line.at)

    def done(self, lines: Sequence[Line]) -> None:
        """These were put."""
        put = {id(line) for line in lines}
        kept = [line for line in self._waiting if id(line) not in put]
        self._waiting.clear()
        self._waiting.extend(kept)


def _far(first: Line, line: Line) -> bool:
    return abs(line.at - first.at) > SPAN
