"""For programs that have a DataFrame already: its pictures' labels as columns."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.bundle import Bundle
from training.spark.bulk import slot
from training.spark.bulk.reading import UNREADABLE, Read
from training.spark.bulk.ship import ship
from training.spark.bulk.slot import Question

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ADDED = (
    "labels array<string>, class_ids array<string>, confidences array<float>, "
    "error string, reason string"
)


def labeled(frame: "DataFrame", bundle: Bundle, column: str = "image", top: int = 5) -> "DataFrame":
    """The frame without its pictures, and with their labels, class_ids, confidences, error and reason.

    Rows travel as they are: a pandas UDF would need pandas, which nothing else here does.

    Args:
        column: of encoded pictures, binary.
        top: labels of each, best first; none where there is an error.
    """
    context = frame.sparkSession.sparkContext
    place = Path(tempfile.mkdtemp(prefix="classifycloud-"))  # read when an executor first asks
    cores = int(context.getConf().get("spark.task.cpus", "1") or 1)
    question = Question(ship(context, bundle, place), top, cores)
    kept = [field for field in frame.schema.fields if field.name != column]
    told = "".join(f"`{field.name}` {field.dataType.simpleString()}, " for field in kept)
    names = [field.name for field in kept]
    rows = frame.rdd.mapPartitions(partial(_labeled, question=question, column=column, kept=names))
    return frame.sparkSession.createDataFrame(rows, told + ADDED)


def _labeled(
    rows: Iterator[Any], question: Question, column: str, kept: list[str]
) -> Iterator[tuple[Any, ...]]:
    waiting: list[Any] = []

    def reads() -> Iterator[Read]:
        for row in rows:
            waiting.append(row)
            yield _read(row[column])

    for found in slot.of(question).rows(reads()):
        row = waiting.pop(0)
        yield (
            *(row[name] for name in kept),
            [label.name for label in found.labels],
            [label.class_id for label in found.labels],
            [label.confidence for label in found.labels],
            found.error,
            found.reason,
        )


def _read(cell: Any) -> Read:
    if cell is None:
        return Read("", None, UNREADABLE, "the row has no picture")
    return Read("", bytes(cell))
