"""Pictures decoded once, into arrays that the system maps into memory.

A file is complete or absent: it is written under another name and renamed, the names and labels before the
pictures, so that the pictures' file says that all are there.
"""

import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from classifier.errors import ClassifierError
from training.atomic import beside, roomy, sweep, write
from training.errors import PicturesUnfit

CONSOLE = Console(stderr=True, highlight=False)
SHOWN = 5
Pixels = Callable[[bytes], np.ndarray]
"""From a picture's bytes to uint8 (side, side, 3)."""


@dataclass(frozen=True)
class Entry:
    """A picture before it is decoded: what it is called, its class, and how its bytes are had."""

    name: str
    label: int
    read: Callable[[], bytes]


class Rows:
    """Some of an array's pictures, in another order; read when they are asked for."""

    def __init__(self, pictures: np.ndarray, places: np.ndarray) -> None:
        self._pictures = pictures
        self._places = places

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, H, W, 3)."""
        return (len(self._places), *self._pictures.shape[1:])

    def __len__(self) -> int:
        return len(self._places)

    def chosen(self, places: np.ndarray) -> "Rows":
        """Some of these."""
        return Rows(self._pictures, self._places[places])

    def __getitem__(self, chosen: np.ndarray | slice) -> np.ndarray:
        """uint8 (n, H, W, 3)."""
        found: np.ndarray = self._pictures[self._places[chosen]]
        return found


@dataclass(frozen=True)
class Split:
    """Pictures (N, side, side, 3) uint8, their classes (N,) int64, and what they are called, where known."""

    pictures: np.ndarray | Rows
    labels: np.ndarray
    names: Sequence[str] = ()

    def first(self, count: int | None) -> "Split":
        """The first `count` pictures, or all of them."""
        if count is None:
            return self
        return Split(self.pictures[:count], self.labels[:count], self.names[:count])

    def chosen(self, places: np.ndarray, labels: np.ndarray | None = None) -> "Split":
        """The pictures at these places, of these classes where they are called otherwise now."""
        pictures = (
            self.pictures.chosen(places)
            if isinstance(self.pictures, Rows)
            else Rows(self.pictures, places)
        )
        names = [self.names[at] for at in places] if self.names else ()
        return Split(pictures, self.labels[places] if labels is None else labels, names)


@dataclass(frozen=True)
class Decoding:
    """Where decoded pictures are kept, and what becomes of those that cannot be.

    Args:
        pictures: the array's file; labels and names lie beside it.
        lenient: whether pictures that cannot be decoded are left out, and named, instead of refused.
    """

    pictures: Path
    side: int
    pixels: Pixels
    lenient: bool = False

    def load(self, total: int, entries: Callable[[], Iterable[Entry]]) -> Split:
        """The split, decoded now or earlier.

        Raises:
            PicturesUnfit: a picture cannot be decoded; the text names it.
            OutOfSpace: the disk is full.
        """
        if not self.pictures.is_file():
            self._decode(total, entries())
        about = json.loads(self._beside("names.json").read_text("utf-8"))
        labels = np.load(self._beside("labels.npy"))
        pictures = np.load(self.pictures, mmap_mode="r")[: len(labels)]
        return Split(pictures, labels, about)

    def _beside(self, what: str) -> Path:
        return self.pictures.with_name(f"{self.pictures.stem}-{what}")

    def _decode(self, total: int, entries: Iterable[Entry]) -> None:
        self.pictures.parent.mkdir(parents=True, exist_ok=True)
        sweep(self.pictures.parent)
        partial = beside(self.pictures)
        try:
            with roomy(partial):
                kept = self._fill(partial, total, entries)
            write(self._beside("labels.npy"), _npy(np.array([one.label for one in kept], np.int64)))
            names = json.dumps([one.name for one in kept], ensure_ascii=False)
            write(self._beside("names.json"), names.encode())
            partial.replace(self.pictures)
        finally:
            partial.unlink(missing_ok=True)

    def _fill(self, partial: Path, total: int, entries: Iterable[Entry]) -> list[Entry]:
        shape = (total, self.side, self.side, 3)
        store = np.lib.format.open_memmap(partial, "w+", np.uint8, shape)
        with partial.open("r+b") as file:
            # Pages of a file with holes are given out as they are written to: on a full disk by a signal.
            os.posix_fallocate(file.fileno(), 0, partial.stat().st_size)
        kept: list[Entry] = []
        broken: list[str] = []
        for entry in track(entries, f"decoding {self.pictures.stem}", total, console=CONSOLE):
            try:
                store[len(kept)] = self.pixels(entry.read())
            except (ClassifierError, OSError, ValueError, SyntaxError) as error:
                broken.append(f"{entry.name}: {error}")
            else:
                kept.append(entry)
        store.flush()
        self._judge(broken)
        return kept

    def _judge(self, broken: Sequence[str]) -> None:
        if broken and not self.lenient:
            more = f", and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
            raise PicturesUnfit(
                f"{len(broken)} pictures cannot be read: {'; '.join(broken[:SHOWN])}{more}. "
                "Mend or remove them, or leave them out: --skip-broken"
            )
        for line in broken:
            CONSOLE.print(f"left out: {line}", soft_wrap=True)


def entries_of(paths: Sequence[tuple[Path, str, int]]) -> Iterator[Entry]:
    """Of files, their names and classes."""
    return (Entry(name, label, path.read_bytes) for path, name, label in paths)


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()
