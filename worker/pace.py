"""How fast a worker is while there is always more to do.

At a low load, answers come as fast as questions do, which says nothing of the worker. So only runs are
measured in which every receive brought as much as was asked for, all of it sent before the asking, or
the worker had all that it can hold. A run ends, in hindsight, where a receive was opened that found less.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHORTEST = 1.0  # seconds; and so many answers
FEWEST = 10
LONGEST = 10.0  # seconds after which a run is kept and the next one begun, if it has answers enough
MANY = 64
REMEMBERED = 60.0  # seconds of runs that the figure is the mean of


@dataclass(frozen=True, slots=True)
class Run:
    """Answers in a row, at times `t` (seconds after the first) and with numbers `n` (0, 1, ...), as sums.

    The pace is the least-squares slope of n over t, and not their quotient: answers come in clusters, a
    batch of the engine at once, and where in a cluster a run begins or ends must not matter.
    """

    count: int = 0
    first: float = 0.0
    last: float = 0.0
    sum_t: float = 0.0
    sum_tt: float = 0.0
    sum_nt: float = 0.0

    def plus(self, now: float) -> "Run":
        """One answer more, at so many seconds."""
        if not self.count:
            return Run(1, now, now)
        t = now - self.first
        return Run(
            self.count + 1,
            self.first,
            now,
            self.sum_t + t,
            self.sum_tt + t * t,
            self.sum_nt + self.count * t,
        )

    @property
    def seconds(self) -> float:
        return self.last - self.first

    @property
    def counts(self) -> bool:
        """Whether it is long enough to say anything."""
        return self.seconds >= SHORTEST and self.count >= FEWEST

    @property
    def pace(self) -> float:
        """Answers a second."""
        n = self.count
        sum_n = n * (n - 1) / 2
        return (n * self.sum_nt - sum_n * self.sum_t) / (n * self.sum_tt - self.sum_t**2)


class Pace:
    """Told of receives and answers; knows pictures a second at full load.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: deque[Run] = deque()
        self._seconds = 0.0
        self._pictures = 0.0
        self._run: Run | None = None
        self._sure: Run | None = None  # the run as it was when the open receive was opened
        self._asked: float | None = None

    def asking(self) -> None:
        """A receive is opened."""
        self._asked, self._sure = self._clock(), self._run

    def received(self, ages: Sequence[float], enough: bool) -> None:
        """It is over.

        Args:
            ages: seconds since each message was sent.
            enough: whether it brought all that was asked for, or the worker can hold no more now.
        """
        if self._asked is None:
            return
        took, self._asked = self._clock() - self._asked, None
        # Whatever is younger than the asking was waited for. Two durations: no clock is compared.
        if not (enough and ages and min(ages) >= took):
            self._run = self._sure
            self.rest()
        elif self._run is None:
            self._run = Run()
        else:
            self._cut()

    def answered(self) -> None:
        """A picture is done."""
        if self._run is not None:
            self._run = self._run.plus(self._clock())
            self._cut()

    def rest(self) -> None:
        """There is not more to do than is in hand."""
        if self._run is not None:
            self._keep(self._run)
        self._run = None

    def per_second(self) -> float | None:
        """The mean over the last minute of full load; None when there never was any."""
        seconds, pictures = self._seconds, self._pictures
        now = self._run if self._asked is None else self._sure
        if now is not None and now.counts:
            seconds, pictures = seconds + now.seconds, pictures + now.pace * now.seconds
        return pictures / seconds if seconds else None

    def _cut(self) -> None:
        run = self._run
        if self._asked is None and run and run.seconds >= LONGEST and run.count >= MANY:
            self._keep(run)
            self._run = Run()

    def _keep(self, run: Run) -> None:
        if not run.counts:
            return
        self._kept.append(run)
        while sum(each.seconds for each in self._kept) - self._kept[0].seconds >= REMEMBERED:
            self._kept.popleft()
        self._seconds = sum(each.seconds for each in self._kept)
        self._pictures = sum(each.pace * each.seconds for each in self._kept)
