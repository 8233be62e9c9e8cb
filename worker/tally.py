"""What a worker counts for its reports."""

from wire.messages import Answer
from worker.pace import Pace
from worker.parcel import Spent


class Tally:
    """Counters since start, means since the last report, and the pace at full load."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.served = 0
        self.failed = 0
        self._seconds: list[float] = []
        self._oldest: float | None = None

    def saw(self, age: float) -> None:
        """A message arrived that had waited for so many seconds."""
        self._oldest = max(age, self._oldest or 0.0)

    def count(self, answer: Answer, spent: Spent) -> None:
        """A job was answered."""
        if answer.error is None:
            self.served += 1
            self._seconds.append(spent.fetch + spent.inference)
        else:
            self.failed += 1
        if spent.fetch:  # what was refused unworked says nothing of how long work takes
            self.pace.answered()

    def service_seconds(self) -> float | None:
        """Mean fetch-plus-engine seconds of a picture since this was last asked."""
        seconds, self._seconds = self._seconds, []
        return sum(seconds) / len(seconds) if seconds else None

    def oldest_wait(self) -> float | None:
        """The longest wait of a message that arrived since this was last asked."""
        oldest, self._oldest = self._oldest, None
        return oldest
