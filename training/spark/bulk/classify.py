"""The driver's side: cut the input, ship the network, let Spark work off what is not there yet."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.bundle import MANIFEST, Bundle, sha256
from training.spark.bulk import pieces
from training.spark.bulk.output import Output
from training.spark.bulk.pieces import Piece, Source
from training.spark.bulk.ship import ship
from training.spark.bulk.slot import Question
from training.spark.bulk.work import Done, work
from training.spark.errors import InputUnfit

if TYPE_CHECKING:
    from pyspark import SparkContext

PIECE = 250  # pictures: seconds of work, and a file of some 10 kB
GLANCE = 0.5  # seconds between looks at how far it is
Told = Callable[[int, int], None]
"""Is told of pieces done, and of all, from a thread."""


@dataclass(frozen=True)
class Order:
    """What is to be classified, and where to.

    Args:
        source, output: a folder that all machines share, or s3://; the input also one Parquet file.
        top: labels of each picture.
        piece: pictures of a task and a file of results.
    """

    source: str
    output: str
    top: int = 5
    piece: int = PIECE
    engine: str = "openvino"


@dataclass(frozen=True)
class Report:
    """Pictures in all, those that were there before; of the others: refused ones, seconds of all tasks."""

    pictures: int
    before: int
    refused: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """An order beside what there is: made before a cluster is troubled."""

    order: Order
    bundle: Bundle
    source: Source
    output: Output

    @property
    def identity(self) -> dict[str, Any]:
        """What the output folder says that its results are of."""
        return {
            "input": pieces.absolute(self.order.source),
            "content": self.source.digest,
            "model": f"{self.bundle.manifest.name} {self.bundle.manifest.version}",
            "bundle": sha256(self.bundle.folder / MANIFEST),
            "top": self.order.top,
            "engine": self.order.engine,
            "piece": self.order.piece,
        }


def planned(bundle: Bundle, order: Order) -> Plan:
    """Cut the input into pieces; writes nothing.

    Raises:
        InputUnfit, OutputMismatch
    """
    source = pieces.of(order.source, order.piece)
    plan = Plan(order, bundle, source, Output(pieces.absolute(order.output)))
    with _written(plan):
        plan.output.begun(plan.identity)
    return plan


def classify(context: "SparkContext", plan: Plan, told: Told) -> Report:
    """Classify all that has no results yet. Killed or interrupted, the same call goes on.

    Raises:
        InputUnfit, OutputMismatch: nothing was begun.
        ExecutorsUnfit, ClusterFailed: what is done stays.
    """
    order, bundle, source, output = plan.order, plan.bundle, plan.source, plan.output
    with _written(plan):
        output.begin(plan.identity)
    missing = output.missing(source)
    before = source.pictures - sum(piece.pictures for piece in missing)
    with tempfile.TemporaryDirectory(prefix="classifycloud-") as folder:
        archive = ship(context, bundle, Path(folder))
        question = Question(archive, order.top, _cores(context), order.engine)
        done = _worked(context, missing, question, output.address, told)
    output.finish(source)
    seconds = sum(each.seconds for each in done)
    return Report(source.pictures, before, sum(each.refused for each in done), seconds)


@contextmanager
def _written(plan: Plan) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise InputUnfit(f"{plan.output.address} cannot be written: {why}") from error


def _worked(
    context: "SparkContext", missing: list[Piece], question: Question, output: str, told: Told
) -> list[Done]:
    if not missing:
        return []
    tasks = context.parallelize(missing, len(missing))
    with _watched(context, len(missing), told):
        done: list[Done] = tasks.map(partial(work, question=question, output=output)).collect()
    return done


def _cores(context: "SparkContext") -> int:
    return int(context.getConf().get("spark.task.cpus", "1") or 1)


@contextmanager
def _watched(context: "SparkContext", tasks: int, told: Told) -> Iterator[None]:
    """Tells, from a thread, how many tasks of the one job inside have ended."""
    over = threading.Event()

    def look() -> None:
        tracker = context.statusTracker()
        while not over.wait(GLANCE):
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            told(sum(stage.numCompletedTasks for stage in stages if stage), tasks)

    watcher = threading.Thread(target=look, name="spark-progress", daemon=True)
    watcher.start()
    try:
        yield
        told(tasks, tasks)
    finally:
        over.set()
        watcher.join()
