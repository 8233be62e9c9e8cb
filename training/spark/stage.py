"""A barrier stage at work in the background, while the driver gives orders to its tasks."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from training.spark.session import explained

if TYPE_CHECKING:
    from pyspark import RDD

PARTING = 10.0  # seconds


class Stage:
    """All tasks at once, or none; Spark starts the whole stage again where one fails.

    It does so, a few times in a row, where a shuffle follows, as here one of a number from each task; a stage
    whose results go to the driver it gives up at once.

    Args:
        shards: a partition for each task.
        work: what a task does.
        group: names the job, to end it by.
    """

    def __init__(self, shards: "RDD[int]", work: Callable[..., object], group: str) -> None:
        self._shards = shards
        self._work = work
        self._group = group
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="spark-stage", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether there will be no further attempt."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """A moment, for tasks that are about to end."""
        self._thread.join(PARTING)

    def end(self) -> None:
        """Cancel what is still running."""
        if not self.over:
            self._shards.context.cancelJobGroup(self._group)

    def _run(self) -> None:
        try:
            self._shards.context.setJobGroup(self._group, "training")
            made: RDD[int] = self._shards.barrier().mapPartitions(self._work)  # type: ignore[arg-type]
            made.map(lambda number: (0, number)).reduceByKey(max, 1).collect()
        except Exception as error:
            self.fault = explained(error)
