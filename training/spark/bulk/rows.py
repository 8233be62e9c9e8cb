"""Results as Parquet: a row for each picture, whatever became of it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from classifier.labels import Label


@dataclass(frozen=True)
class Row:
    """What is in one picture, or why nobody knows; `error` is a code of the service's."""

    path: str
    labels: Sequence[Label] = field(default=())
    error: str | None = None
    reason: str | None = None


def schema() -> Any:
    """Of a file of results: best label first, confidences 0 to 1; empty lists where there is an error."""
    import pyarrow

    text, many = pyarrow.string(), pyarrow.list_
    return pyarrow.schema(
        [
            pyarrow.field("path", text, nullable=False),
            ("labels", many(text)),
            ("class_ids", many(text)),
            ("confidences", many(pyarrow.float32())),
            ("error", text),
            ("reason", text),
        ]
    )


def columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The rows by column."""
    return {
        "path": [row.path for row in rows],
        "labels": [[label.name for label in row.labels] for row in rows],
        "class_ids": [[label.class_id for label in row.labels] for row in rows],
        "confidences": [[label.confidence for label in row.labels] for row in rows],
        "error": [row.error for row in rows],
        "reason": [row.reason for row in rows],
    }


def as_parquet(rows: Sequence[Row]) -> bytes:
    """A whole file."""
    import pyarrow
    from pyarrow import parquet

    room = io.BytesIO()
    table = pyarrow.Table.from_pydict(columns(rows), schema=schema())
    parquet.write_table(table, room, compression="zstd")
    return room.getvalue()
