"""Labeled pictures as Parquet, in the form of Tiny ImageNet: shards of JPEG bytes and labels.

Decoding 110 000 JPEGs takes about a minute; what is decoded is kept, which makes the second start immediate
and lets every epoch read pictures at memory speed. The folder it is kept in is named after what the shards
and classes.txt hold, so that other data never meet it.
"""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
from PIL import Image

from training.decoded import Decoding, Entry
from training.decoded import Split as Split
from training.digests import digests
from training.errors import DataMissing, PicturesUnfit

SIDE = 64
NAME = "name"
DIGESTS = "digests.json"
CLASSES = "classes.txt"


def classes(data: Path) -> list[tuple[str, str]]:
    """(wnid, name) of each class; the position is the class's index.

    Raises DataMissing if classes.txt is absent.
    """
    text = _classes(data).read_text(encoding="utf-8")
    rows = (line.split("\t", 1) for line in text.splitlines())
    return [(row[0], row[-1]) for row in rows]


def load(
    data: Path,
    cache: Path,
    split: str,
    side: int = SIDE,
    lenient: bool = False,
    only: frozenset[int] | None = None,
) -> Split:
    """One split ("train" or "validation") with every picture scaled to `side`; of these classes `only`.

    Pictures have to be square and upright already: unlike where they are served, none is cut or turned.

    Raises:
        DataMissing: the folder has no shard of that split.
        PicturesUnfit: a row has no picture, or a label that is no class; the text names it.
    """
    files = shards(data, split)
    some = "" if only is None else f"-{'-'.join(map(str, sorted(only)))}"
    place = (
        cache
        / key(data, files, cache)[:12]
        / f"{split}-{side}{'-lenient' if lenient else ''}{some}.npy"
    )
    decoding = Decoding(place, side, lambda jpeg: _pixels(jpeg, side), lenient)

    def entries() -> Iterator[Entry]:
        found = _entries(files, len(classes(data)))
        return (entry for entry in found if only is None or entry.label in only)

    return decoding.load(sum(_count(path, only) for path in files), entries)


def shards(data: Path, split: str) -> list[Path]:
    """The split's Parquet files in order; raises DataMissing if there is none."""
    found = sorted(data.glob(f"{split}-*.parquet"))
    if not found:
        raise DataMissing(f"{data} has no {split}-*.parquet: --data must name the data folder")
    return found


def rows(files: list[Path]) -> Iterator[dict[str, Any]]:
    """Every row's `image` (JPEG bytes), `label` and, where there is one, `name`, file by file."""
    for path in files:
        table = _opened(path)
        missing = {"image", "label"} - set(table.schema_arrow.names)
        if missing:
            raise PicturesUnfit(f"{path} has no column {' and no column '.join(sorted(missing))}")
        columns = ["image", "label", *({NAME} & set(table.schema_arrow.names))]
        for batch in table.iter_batches(1000, columns=columns):
            yield from batch.to_pylist()


def key(data: Path, files: list[Path], cache: Path) -> str:
    """What shards of `data` are known by, anywhere: their names, and what they and classes.txt hold."""
    files = [*files, _classes(data)]
    known = zip(files, digests(files, cache / DIGESTS), strict=True)
    named = [f"{path.name} {digest}" for path, digest in known]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()


def _classes(data: Path) -> Path:
    path = data / CLASSES
    if not path.is_file():
        raise DataMissing(f"{path} is missing: --data must name the Tiny ImageNet folder")
    return path


def _opened(path: Path) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise PicturesUnfit(f"{path} is no Parquet file, or is cut short: {error}") from error


def _count(path: Path, only: frozenset[int] | None) -> int:
    table = _opened(path)
    if only is None or "label" not in table.schema_arrow.names:
        return int(table.metadata.num_rows)
    return sum(label in only for label in table.read(["label"]).column("label").to_pylist())


def _entries(files: list[Path], count: int) -> Iterator[Entry]:
    for path in files:
        for at, row in enumerate(rows([path])):
            name, label = str(row.get(NAME) or f"{path.name}#{at}"), row["label"]
            if not (isinstance(label, int) and 0 <= label < count):
                raise PicturesUnfit(
                    f"{path}, row {at}: label {label!r} is none of the {count} classes of classes.txt"
                )
            image = row["image"]
            yield Entry(name, label, lambda image=image: image or b"")  # type: ignore[misc]


def _pixels(jpeg: bytes, side: int) -> np.ndarray:
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    if picture.size != (side, side):
        picture = picture.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(picture)
