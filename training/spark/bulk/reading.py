"""A piece's pictures as bytes, or why there are none."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, BinaryIO

from training.spark.bulk import storage
from training.spark.bulk.pieces import IMAGES, NAMES, Files, Piece, Rows, column
from training.spark.bulk.storage import Folder
from training.spark.errors import ExecutorsUnfit

AT_ONCE = 64  # rows of a table in memory
LARGEST = 64 << 20  # bytes of a picture's file
UNREADABLE, TOO_LARGE = "unreadable", "body_too_large"


@dataclass(frozen=True)
class Read:
    """A picture: its bytes, or else an error's code and its reason."""

    path: str
    data: bytes | None
    error: str | None = None
    reason: str | None = None


def read(piece: Piece) -> Iterator[Read]:
    """All of a piece, in order; one that cannot be read is told of in its place.

    Raises:
        ExecutorsUnfit: this machine does not see the input at all.
        OSError: a table ended before its time.
    """
    place = storage.at(piece.root)
    if isinstance(place, Folder) and not place.root.is_dir():
        raise ExecutorsUnfit(
            f"an executor does not see {piece.root}: the input must be a folder that all machines "
            "share, or s3://"
        )
    return _of_files(piece) if isinstance(piece, Files) else _of_rows(piece)


def _of_files(piece: Files) -> Iterator[Read]:
    place = storage.at(piece.root)
    for name in piece.names:
        path = place.address(name)
        try:
            yield _checked(path, place.read(name))
        except OSError as error:
            yield Read(path, None, UNREADABLE, error.strerror or str(error))


def _of_rows(piece: Rows) -> Iterator[Read]:
    place = storage.at(piece.root)
    address = place.address(piece.name)
    with place.opened(piece.name) as file:
        for row, (path, data) in zip(
            count(piece.first), _span(file, piece.first, piece.pictures), strict=False
        ):
            name = path or f"{address}#{row}"
            if data is None:
                yield Read(name, None, UNREADABLE, "the row has no picture")
            else:
                yield _checked(name, data)


def _span(file: BinaryIO, first: int, rows: int) -> Iterator[tuple[str | None, bytes | None]]:
    """Some rows' own paths and pictures; groups of rows before them are not read."""
    from pyarrow import parquet

    table = parquet.ParquetFile(file)
    names = table.schema_arrow.names
    images, paths = column(names, IMAGES), column(names, NAMES)
    columns = [name for name in (images, paths) if name]
    begin = 0
    for group in range(table.metadata.num_row_groups):
        end = begin + table.metadata.row_group(group).num_rows
        if end > first and begin < first + rows:
            at = begin
            for batch in table.iter_batches(AT_ONCE, row_groups=[group], columns=columns):
                low, high = max(first - at, 0), min(first + rows - at, batch.num_rows)
                if low < high:
                    chosen = batch.slice(low, high - low)
                    found = chosen.column(images).to_pylist()
                    told = chosen.column(paths).to_pylist() if paths else [None] * len(found)
                    yield from zip(map(_text, told), map(_bytes, found), strict=True)
                at += batch.num_rows
        begin = end


def _bytes(cell: Any) -> bytes | None:
    """A picture is bytes, or, as data sets of Hugging Face have it, a struct with `bytes` in it."""
    if isinstance(cell, dict):
        cell = cell.get("bytes")
    return cell if isinstance(cell, bytes) else None


def _text(cell: Any) -> str | None:
    return cell if isinstance(cell, str) and cell else None


def _checked(path: str, data: bytes) -> Read:
    if len(data) > LARGEST:
        return Read(path, None, TOO_LARGE, f"{len(data)} bytes, at most {LARGEST} are read")
    return Read(path, data)
