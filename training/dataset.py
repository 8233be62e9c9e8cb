"""Tiny ImageNet as Parquet, decoded once into memory-mapped arrays.

Decoding 110 000 JPEGs takes about a minute; the cache makes the second start immediate and lets
every epoch read pictures at memory speed. A cache file is complete or absent: it is written
under another name and renamed. Its folder is named after the shards' names and sizes, so that
other data never meet it.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
from PIL import Image
from rich.progress import track

from training.atomic import sweep, write
from training.errors import DataMissing

SIDE = 64


@dataclass(frozen=True)
class Split:
    """Pictures (N, side, side, 3) uint8, and their classes (N,) int64."""

    pictures: np.ndarray
    labels: np.ndarray

    def first(self, count: int | None) -> "Split":
        """The first `count` pictures, or all of them."""
        return self if count is None else Split(self.pictures[:count], self.labels[:count])


def classes(data: Path) -> list[tuple[str, str]]:
    """(wnid, name) of each class; the position is the class's index.

    Raises DataMissing if classes.txt is absent.
    """
    path = data / "classes.txt"
    if not path.is_file():
        raise DataMissing(f"{path} is missing: --data must name the Tiny ImageNet folder")
    rows = (line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return [(wnid, name) for wnid, name in rows]


def load(data: Path, cache: Path, split: str, side: int = SIDE) -> Split:
    """One split ("train" or "validation") with every picture scaled to `side`.

    Raises DataMissing if the folder has no shard of that split.
    """
    files = shards(data, split)
    folder = cache / _key(files)
    pictures, labels = folder / f"{split}-{side}.npy", folder / f"{split}-labels.npy"
    if not (pictures.is_file() and labels.is_file()):
        _decode(files, pictures, labels, side)
    return Split(np.load(pictures, mmap_mode="r"), np.load(labels))


def shards(data: Path, split: str) -> list[Path]:
    """The split's Parquet files in order; raises DataMissing if there is none."""
    found = sorted(data.glob(f"{split}-*.parquet"))
    if not found:
        raise DataMissing(f"{data} has no {split}-*.parquet: --data must name the data folder")
    return found


def rows(files: list[Path]) -> Iterator[dict[str, Any]]:
    """Every row's `image` (JPEG bytes) and `label`, file by file."""
    for path in files:
        for batch in parquet.ParquetFile(path).iter_batches(1000, columns=["image", "label"]):
            yield from batch.to_pylist()


def _key(files: list[Path]) -> str:
    named = "\n".join(f"{path.name} {path.stat().st_size}" for path in files)
    return hashlib.sha256(named.encode()).hexdigest()[:12]


def _decode(files: list[Path], pictures: Path, labels: Path, side: int) -> None:
    total = sum(parquet.ParquetFile(path).metadata.num_rows for path in files)
    pictures.parent.mkdir(parents=True, exist_ok=True)
    sweep(pictures.parent)
    partial = pictures.with_suffix(f".{os.getpid()}.partial")
    indices = np.empty(total, np.int64)
    try:
        store = np.lib.format.open_memmap(partial, "w+", np.uint8, (total, side, side, 3))
        for at, row in enumerate(track(rows(files), f"decoding to {pictures.name}", total)):
            store[at] = _pixels(row["image"], side)
            indices[at] = row["label"]
        store.flush()
        write(labels, _npy(indices))
        partial.replace(pictures)
    finally:
        partial.unlink(missing_ok=True)


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _pixels(jpeg: bytes, side: int) -> np.ndarray:
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    if picture.size != (side, side):
        picture = picture.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(picture)
