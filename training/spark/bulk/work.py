"""A task: one piece, from its pictures to its file of results."""

import time
from dataclasses import dataclass

from training.spark.bulk import reading, slot, storage
from training.spark.bulk.pieces import Piece, part
from training.spark.bulk.rows import as_parquet
from training.spark.bulk.slot import Question


@dataclass(frozen=True)
class Done:
    """A piece's end: how many pictures it had, how many of them were refused, and seconds."""

    number: int
    pictures: int
    refused: int
    seconds: float


def work(piece: Piece, question: Question, output: str) -> Done:
    """Classify a piece and put its file there whole; doing it twice puts the same there."""
    began = time.monotonic()
    rows = list(slot.of(question).rows(reading.read(piece)))
    storage.at(output).write(part(piece.number), as_parquet(rows))
    refused = sum(row.error is not None for row in rows)
    return Done(piece.number, len(rows), refused, time.monotonic() - began)
