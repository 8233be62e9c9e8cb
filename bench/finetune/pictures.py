"""Folders of pictures out of Tiny ImageNet's Parquet files: so many of some classes."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as parquet


def named(data: Path) -> dict[str, int]:
    """Each class's place by the first of its names."""
    lines = (data / "classes.txt").read_text(encoding="utf-8").splitlines()
    return {line.split("\t", 1)[1].split(",")[0]: at for at, line in enumerate(lines)}


def laid_out(data: Path, split: str, classes: Sequence[str], count: int, folder: Path) -> Path:
    """Writes folder/CLASS/N.jpg, the first `count` of each class; the folder.

    Raises:
        ValueError: there is no such class, or it has fewer.
    """
    places = named(data)
    if unknown := [name for name in classes if name not in places]:
        raise ValueError(f"no class {unknown[0]!r} in {data / 'classes.txt'}")
    wanted = {places[name]: name for name in classes}
    found: Counter[str] = Counter()
    for file in sorted(data.glob(f"{split}-*.parquet")):
        for batch in parquet.ParquetFile(file).iter_batches(1000, columns=["image", "label"]):
            for row in batch.to_pylist():
                name = wanted.get(row["label"])
                if name is not None and found[name] < count:
                    place = folder / name / f"{found[name]}.jpg"
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(row["image"])
                    found[name] += 1
        if all(found[name] == count for name in classes):
            return folder
    raise ValueError(f"{data} has {dict(found)} of {count} pictures in {split}")
