"""A training on a cluster from its order to its end: what `training.fit` is on one machine.

Pictures, loop, run folder and report are the same; only the step is another, and who makes the batches.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from training.batches import Shuffle
from training.fit import Planned, started
from training.lab.data import opened
from training.lab.loop import Loop, Watch, seed_everything
from training.lab.run_folder import DESCRIPTION, RunFolder
from training.order import Order
from training.run import Run
from training.spark.allreduce import AllReduce
from training.spark.deal import Deal
from training.spark.errors import TooFewSlots
from training.spark.gradients import Told
from training.spark.session import connected
from training.spark.share import Pictures
from training.spark.steps import MapReduceStep
from training.spark.turns import Dealt
from training.step import Step

if TYPE_CHECKING:
    from pyspark import RDD, SparkContext

    from training.spark.replica import Replica

Scheme: TypeAlias = Literal["all-reduce", "map-reduce"]
SHARDS = "shards"  # in run.json

COMMON = {
    "spark.executorEnv.KERAS_BACKEND": "tensorflow",
    "spark.executorEnv.TF_CPP_MIN_LOG_LEVEL": "3",
    # Whoever is still on the way is waited for, half a minute at most, before slots are counted.
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
}
OF_SCHEME = {
    "all-reduce": {
        "spark.python.worker.reuse": "false",  # TensorFlow joins one ring in a process's life
        "spark.scheduler.barrier.maxConcurrentTasksCheck.interval": "1s",
        "spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures": "2",
    },
    "map-reduce": {"spark.python.worker.reuse": "true"},  # it keeps the network from step to step
}


@dataclass(frozen=True)
class Cluster:
    """Where a training runs, and how.

    Args:
        master: see `training.spark.session.connected`.
        executors: tasks at once; as many as there are slots when None.
        settings: of Spark, beside and before our own.
        patience: seconds to wait for executors that were lost.
    """

    master: str
    executors: int | None = None
    scheme: Scheme = "all-reduce"
    settings: Mapping[str, str] = field(default_factory=dict)
    patience: float = 300.0


@dataclass
class Far(Planned):
    """A plan whose batches are made where the pictures lie."""

    shards: int = 1

    @property
    def deal(self) -> Deal:
        """Which pictures an update is made of."""
        recipe = self.recipe
        first = self.at("train", recipe.phases[0].side)
        count = len(self.source.classes)
        return Deal(
            len(first.labels), recipe.batch, self.shards, self.seed, count, recipe.augmentation
        )

    @property
    def shuffle(self) -> Shuffle:
        """See Course."""
        recipe, count = self.recipe, len(self.source.classes)
        return Dealt(recipe.batch, self.seed, recipe.augmentation, count, self.deal)


Lead: TypeAlias = Callable[[Step, Run, Far], None]
"""Trains with a step, from wherever the run is, along a plan."""


def fit(order: Order, cluster: Cluster, watch: Watch = lambda _row: None) -> RunFolder:
    """Trains, or goes on with, the run in `order.out`; returns it ended.

    Interrupt it anywhere: the same call goes on. Executors may be lost meanwhile.

    Raises:
        SparkMissing, JavaUnfit, MasterUnfit, TooFewSlots, ExecutorsUnfit, ClusterFailed: of the cluster.
        What `training.fit.fit` raises.
    """

    def lead(step: Step, run: Run, planned: Far) -> None:
        Loop(step, planned, run, watch, order.every).to_the_end()

    led(order, cluster, lead)
    return RunFolder(order.out)


def led(order: Order, cluster: Cluster, lead: Lead) -> None:
    """Connects, and lets `lead` train with the executors; again from the run's checkpoint if they are lost.

    Raises:
        What `fit` and `lead` raise.
    """
    settings = COMMON | OF_SCHEME[cluster.scheme] | dict(cluster.settings)
    with connected(cluster.master, f"classifycloud train {order.out.name}", settings) as context:
        source = opened(order.wanted, order.recipe, order.seed)
        executors = cluster.executors or context.defaultParallelism
        planned = Far(order.recipe, source, order.seed, shards=_shards(order, executors))
        _Work(order, cluster, planned, context, executors).led(lead)


@dataclass
class _Work:
    order: Order
    cluster: Cluster
    planned: Far
    context: "SparkContext"
    executors: int

    def led(self, lead: Lead) -> None:
        from training.spark.replica import built

        seed_everything(self.order.seed)
        side = self.order.recipe.phases[-1].side
        replica = built(
            self.order.recipe,
            len(self.planned.source.classes),
            lambda: self.planned.at("train", side).pictures[:],
        )
        run = self._run(replica)
        told = self._told()
        if self.cluster.scheme == "map-reduce":
            lead(MapReduceStep(replica, self._dealt(), told), run, self.planned)
            return
        reduced = AllReduce(
            self._dealt(), told, replica, lambda: self._run(replica), self.cluster.patience
        )
        reduced.lead(lambda step, run: lead(step, run, self.planned))

    def _run(self, replica: "Replica") -> Run:
        """The folder as it is now."""
        run = started(self.order, self.planned, replica.model, **{SHARDS: self.planned.shards})
        run.look()
        return run

    def _dealt(self) -> "RDD[int]":
        """The shards' numbers; each stays with the executor that had it first."""
        shards = self.context.parallelize(range(self.planned.shards), self.executors).cache()
        shards.count()
        return shards

    def _told(self) -> Told:
        order, run = self.order, uuid.uuid4().hex[:12]
        wanted = replace(order.wanted, cache=order.wanted.cache.resolve(), data=_everywhere(order))
        source, deal = self.planned.source, self.planned.deal
        pictures = Pictures(run, wanted, order.recipe, order.seed, deal, source.fingerprint)
        threads = int(self.context.getConf().get("spark.task.cpus", "1") or 1)
        return Told(run, order.recipe, len(source.classes), pictures, threads)


def _shards(order: Order, executors: int) -> int:
    """As many as executors at the run's beginning, whoever works at it later.

    Raises:
        TooFewSlots: more executors are asked for than there are shards.
    """
    try:
        said = json.loads((order.out / DESCRIPTION).read_text("utf-8"))
        shards = int(said[SHARDS])
    except (OSError, ValueError, KeyError):
        return executors
    if executors > shards:
        raise TooFewSlots(
            f"{order.out} was begun with {shards} executors, and its pictures are dealt to so many: "
            f"give --executors {shards} or fewer, or a new --out"
        )
    return shards


def _everywhere(order: Order) -> str | None:
    """The pictures' place as executors, who work in folders of their own, must be told it."""
    from pathlib import Path

    data = order.wanted.data
    return data if data is None or "://" in data else str(Path(data).resolve())
