"""Training with all-reduce: a barrier stage of followers, and the loop that leads them from loss to loss."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from training.lab.bar import CONSOLE
from training.run import Run
from training.spark.crew import Crew, CrewLost, Roll
from training.spark.errors import ClusterFailed, TooFewSlots
from training.spark.follower import follow
from training.spark.gradients import Told
from training.spark.line import Switchboard
from training.spark.stage import Stage
from training.spark.steps import RingStep
from training.step import Step

if TYPE_CHECKING:
    from pyspark import RDD

    from training.spark.replica import Replica

Lead = Callable[[Step, Run], None]
"""The training loop, from wherever the run was left to its end."""


@dataclass
class AllReduce:
    """Leads crew after crew until the run is at its end.

    Args:
        shards: a partition for each executor.
        opened: the run as its folder has it.
        patience: seconds to wait for a whole crew.
    """

    shards: "RDD[int]"
    told: Told
    replica: "Replica"
    opened: Callable[[], Run]
    patience: float
    _roll: Roll = field(init=False)
    _attempt: int = field(default=-1, init=False)

    def lead(self, loop: Lead) -> None:
        """Raises ClusterFailed where executors do not come back, and what `loop` raises."""
        self._roll = Roll(self.shards.getNumPartitions())
        conf = self.shards.context.getConf()
        host = conf.get("spark.driver.host", "127.0.0.1") or "127.0.0.1"
        bind = conf.get("spark.driver.bindAddress", host) or host
        board = Switchboard(host, bind, self._roll.greet)
        try:
            self._lead(loop, partial(follow, told=self.told, address=board.address))
        finally:
            board.close()

    def _lead(self, loop: Lead, work: Callable[..., object]) -> None:
        """Spark gives a stage up after some failures in a row; what was learned meanwhile earns another."""
        first, learned, since = self.replica.state(), self.opened().steps, time.monotonic()
        for number in count():
            stage = Stage(self.shards, work, f"{self.told.run}-{number}")
            try:
                if self._led(loop, stage, first):
                    return
            finally:
                stage.end()
            steps, now = self.opened().steps, time.monotonic()
            if steps > learned:
                learned, since = steps, now
            elif not self._worth(stage, now - since):
                raise stage.fault or ClusterFailed("Spark ended the stage amid the training")

    def _worth(self, stage: Stage, seconds: float) -> bool:
        """Whether to try again: where there was room once, another executor may be on its way."""
        begun = self._attempt >= 0
        return begun and isinstance(stage.fault, TooFewSlots) and seconds < self.patience

    def _led(self, loop: Lead, stage: Stage, first: bytes) -> bool:
        """Whether the run came to its end before the stage came to its own."""
        while crew := self._roll.crew(self._attempt, self.patience, lambda: stage.over):
            self._attempt = crew.attempt
            run = self.opened()
            self.replica.restore(first)
            try:
                with crew.at_work():
                    stands, waited = partial(self._stands, stage), partial(_waited, run)
                    loop(RingStep(self.replica, crew, stands, waited), run)
                stage.wait()
                return True
            except CrewLost as lost:
                steps = self.opened().steps
                CONSOLE.print(f"{lost}; going on from update {steps}", soft_wrap=True)
        if not stage.over:
            raise ClusterFailed(
                f"{self.shards.getNumPartitions()} executors did not come together within "
                f"{self.patience:g} s: the cluster has lost some, or is busy. What was learned is kept: "
                "give the same command again, with a lower --executors where there are fewer now"
            )
        return False

    def _stands(self, stage: Stage, crew: Crew) -> bool:
        return not stage.over and self._roll.newest(crew)


def _waited(run: Run, seconds: float) -> None:
    """The loop takes an update's whole time for computing."""
    run.tally.waiting += seconds
    run.tally.computing -= seconds
