"""What is to be classified, cut into pieces: each a task, and a file of results."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from training.pictures import SUFFIXES
from training.spark.bulk import storage
from training.spark.bulk.storage import Folder, Storage
from training.spark.errors import InputUnfit

TABLE = ".parquet"
IMAGES = ("image", "content", "bytes")
"""Columns that pictures are looked for in: our own name and Spark's binaryFile's."""
NAMES = ("path", "url", "file_name")


@dataclass(frozen=True)
class Files:
    """Picture files under one root."""

    number: int
    root: str
    names: tuple[str, ...]

    @property
    def pictures(self) -> int:
        return len(self.names)

    @property
    def described(self) -> str:
        return "\n".join(self.names)


@dataclass(frozen=True)
class Rows:
    """Rows `first` to `first + pictures` of a Parquet file."""

    number: int
    root: str
    name: str
    first: int
    pictures: int

    @property
    def described(self) -> str:
        return f"{self.name} {self.first} {self.pictures}"


Piece: TypeAlias = Files | Rows


@dataclass(frozen=True)
class Source:
    """An input as it was found; `digest` is of all pieces, names and the files' versions."""

    pieces: tuple[Piece, ...]
    digest: str

    @property
    def pictures(self) -> int:
        return sum(piece.pictures for piece in self.pieces)


def of(address: str, size: int) -> Source:
    """The pieces of a folder, a bucket's prefix or a Parquet file, in an order that stays.

    Args:
        address: pictures of any depth, or Parquet files with a column of pictures.
        size: pictures in a piece at most.

    Raises:
        InputUnfit: there is nothing to classify, or both kinds of it.
    """
    root, versions = _listed(address)
    names = list(versions)
    tables = [name for name in names if name.endswith(TABLE)]
    pictures = [name for name in names if PurePosixPath(name).suffix.lower() in SUFFIXES]
    if tables and pictures:
        raise InputUnfit(
            f"{address} holds both Parquet files ({tables[0]}) and pictures ({pictures[0]}): "
            "name the folder or the file of one kind"
        )
    if not tables and not pictures:
        raise InputUnfit(
            f"{address} holds no Parquet file and no picture ({', '.join(sorted(SUFFIXES))})"
        )
    found: Iterator[Piece] = (
        _of_tables(root, tables, size) if tables else _of_files(root, pictures, size)
    )
    pieces = tuple(found)
    files = (f"{name} {versions[name]}" for name in tables or pictures)
    said = "\n".join([*(piece.described for piece in pieces), *files])
    return Source(pieces, hashlib.sha256(said.encode()).hexdigest())


def _listed(address: str) -> tuple[str, dict[str, str]]:
    """The root, and names under it with their versions."""
    place = storage.at(address)
    try:
        if isinstance(place, Folder):
            root = place.root.resolve()
            if root.is_file():
                return str(root.parent), {root.name: Folder(root.parent).version(root.name)}
            if not root.is_dir():
                raise InputUnfit(f"{address} is neither a folder nor a file")
            return str(root), dict(Folder(root).versions())
        if address.endswith(TABLE):
            folder, _, name = address.rpartition("/")
            return folder, {name: storage.at(folder).version(name)}
        return address, dict(place.versions())
    except OSError as error:
        raise InputUnfit(f"{address} cannot be listed: {error.strerror}") from error


def _of_files(root: str, names: Sequence[str], size: int) -> Iterator[Files]:
    for number, first in enumerate(range(0, len(names), size)):
        yield Files(number, root, tuple(names[first : first + size]))


def _of_tables(root: str, names: Sequence[str], size: int) -> Iterator[Rows]:
    number, place = 0, storage.at(root)
    for name in names:
        for first, count in _spans(_rows(place, name), size):
            yield Rows(number, root, name, first, count)
            number += 1


def _rows(place: Storage, name: str) -> int:
    """How many a table has; raises InputUnfit where it has no pictures."""
    import pyarrow
    from pyarrow import parquet

    try:
        with place.opened(name) as file:
            table = parquet.ParquetFile(file)
            if column(table.schema_arrow.names, IMAGES) is None:
                raise InputUnfit(
                    f"{place.address(name)} has no column of pictures: {', '.join(IMAGES)}; "
                    f"it has {', '.join(table.schema_arrow.names)}"
                )
            return int(table.metadata.num_rows)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputUnfit(f"{place.address(name)} is no Parquet file: {error}") from error


def column(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    """The first of `wanted` that there is."""
    return next((name for name in wanted if name in names), None)


def _spans(rows: int, size: int) -> Iterator[tuple[int, int]]:
    for first in range(0, rows, size):
        yield first, min(size, rows - first)


def part(number: int) -> str:
    """The name of a piece's results."""
    return f"part-{number:06d}{TABLE}"


def absolute(address: str) -> str:
    """As executors, which work in folders of their own, must be told."""
    place = storage.at(address)
    return str(Path(place.root).resolve()) if isinstance(place, Folder) else address
