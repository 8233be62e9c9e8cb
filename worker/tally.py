"""What a worker counts, for its reports and for its /metrics."""

from collections import Counter

from wire.messages import Answer
from worker.buckets import Buckets
from worker.pace import Pace
from worker.parcel import Spent

OK = "ok"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Tally:
    """Counters since start, means since the last report, and the pace at full load.

    `codes` counts answers by their error's code; `models` those with labels or features by model and version,
    `remembered` those of them that were not worked for; `stages` holds how long each stage took, in seconds.
    """

    def __init__(self) -> None:
        self.pace = Pace()
        self.codes: Counter[str] = Counter()
        self.models: Counter[tuple[str, str]] = Counter()
        self.remembered = 0
        self.stages = {
            stage: Buckets(SECONDS) for stage in ("queue", "fetch", "decode", "inference")
        }
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
            self.codes[OK] += 1
            self.models[answer.model or "", answer.model_version or ""] += 1
            self.remembered += answer.cached
            self._seconds.append(spent.fetch + spent.inference)
        else:
            self.failed += 1
            self.codes[answer.error.code] += 1
        for stage, buckets in self.stages.items():
            if seconds := getattr(
                spent, stage
            ):  # what never began took no time, and is no case of that
                buckets.observe(seconds)
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
