"""One task slot of an executor: the network loaded once, and then piece after piece."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from classifier.bundle import Bundle
from classifier.classify import Classifier
from classifier.engines import shelf
from training.spark.bulk.decoder import Decoder, Refused
from training.spark.bulk.reading import Read
from training.spark.bulk.rows import Row


@dataclass(frozen=True)
class Question:
    """What is asked of every picture.

    Args:
        archive: the bundle's name among the files that Spark brings to each executor.
        top: labels of each picture.
        threads: cores of a slot (`spark.task.cpus`).
        engine: as `classifier.engines.shelf` names it.
    """

    archive: str
    top: int = 5
    threads: int = 1
    engine: str = "openvino"


class Slot:
    """A decoder and an engine, as a worker has them."""

    def __init__(self, bundle: Bundle, question: Question) -> None:
        engine = shelf.load(question.engine, bundle, question.threads, _kept(bundle))
        self._classifier = Classifier(engine, bundle)
        self._decoder = Decoder(bundle.manifest.preprocessing)
        self._top = question.top

    def rows(self, pictures: Iterable[Read]) -> Iterator[Row]:
        """A row for each picture, in order."""
        waiting = iter(pictures)
        while batch := list(islice(waiting, self._classifier.engine.portion)):
            yield from self._answered(batch)

    def _answered(self, batch: list[Read]) -> list[Row]:
        rows: list[Row | None] = []
        prepared = []
        for read in batch:
            if read.data is None:
                rows.append(Row(read.path, (), read.error, read.reason))
                continue
            try:
                prepared.append(self._decoder.prepare(read.data))
                rows.append(None)
            except Refused as refused:
                rows.append(Row(read.path, (), refused.code, str(refused)))
        labels = iter(self._classifier.classify(prepared, self._top))
        return [row or Row(read.path, next(labels)) for read, row in zip(batch, rows, strict=True)]


@cache
def of(question: Question) -> Slot:
    """This process's slot; Spark gives the process one task after the other."""
    from pyspark import SparkFiles

    return Slot(Bundle.load(Path(SparkFiles.get(question.archive))), question)


def _kept(bundle: Bundle) -> Path:
    """Where the executor's other slots find the network compiled; Spark removes it."""
    folder = (os.environ.get("SPARK_LOCAL_DIRS") or tempfile.gettempdir()).split(",")[0]
    return Path(folder) / f"classifycloud-{bundle.manifest.name}-{bundle.manifest.version}"
