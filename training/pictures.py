"""Labeled pictures on disk: a folder for each class, a table, or the class in each file's name."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.classes import ClassName
from training.errors import PicturesUnfit

SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"))
Truth = tuple[int, ...]
"""The outputs that are right: several where classes share a name, as `crane`, and no id is given."""


@dataclass(frozen=True)
class Labeled:
    """A picture's file, and which outputs are right for it."""

    path: Path
    truth: Truth


def labeled(source: Path, names: Sequence[ClassName]) -> list[Labeled]:
    """The pictures of a folder or a .csv in order of their paths.

    A folder holds a folder for each class, or files that begin with their class: `n02123045_tabby.JPEG`. A
    table has two columns, the file beside it and its class; a heading is let go. A class is its id or its
    name, whatever its case, `_` for a space.

    Raises:
        PicturesUnfit: there are none, or one's class is not the network's.
    """
    found = sorted(_entries(source))
    if not found:
        raise PicturesUnfit(f"{source} holds no labeled pictures")
    classes = _by_name(names)
    return [Labeled(path, _truth(classes, path, said)) for path, said in found]


def pictures(folder: Path) -> list[Path]:
    """All pictures under a folder, in order.

    Raises:
        PicturesUnfit: there are none.
    """
    found = sorted(path for path in folder.rglob("*") if _is_picture(path))
    if not found:
        raise PicturesUnfit(f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))})")
    return found


def _entries(source: Path) -> Iterator[tuple[Path, str]]:
    if source.suffix.lower() == ".csv":
        return _of_table(source)
    if not source.is_dir():
        raise PicturesUnfit(f"{source} is neither a folder of pictures nor a .csv")
    folders = [path for path in source.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return _of_folders(folders) if folders else _of_files(source)


def _of_folders(folders: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    return (
        (path, folder.name) for folder in folders for path in folder.rglob("*") if _is_picture(path)
    )


def _of_files(folder: Path) -> Iterator[tuple[Path, str]]:
    return ((path, path.stem) for path in folder.iterdir() if _is_picture(path))


def _of_table(table: Path) -> Iterator[tuple[Path, str]]:
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PicturesUnfit(f"{table} cannot be read: {error}") from error
    for at, row in enumerate(csv.reader(text.splitlines())):
        if not row:
            continue
        path = table.parent / row[0].strip()
        if at == 0 and not path.is_file():
            continue
        if len(row) < 2 or not path.is_file():
            raise PicturesUnfit(f"{table}, line {at + 1}: {row[0]!r} is no picture with its class")
        yield path, row[1].strip()


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")


def _by_name(names: Sequence[ClassName]) -> Mapping[str, Truth]:
    """Ids first: no name is mistaken for one."""
    places: dict[str, Truth] = {}
    for at, each in enumerate(names):
        key = _plain(each.name)
        places[key] = (*places.get(key, ()), at)
    return places | {_plain(each.class_id): (at,) for at, each in enumerate(names)}


def _truth(classes: Mapping[str, Truth], path: Path, said: str) -> Truth:
    """By all that is said, `tabby`; by its first part, `n02123045` of `n02123045_tabby`; or by the rest."""
    first, _, rest = said.partition("_")
    for key in (said, said.partition(",")[0], first, rest):
        if key and _plain(key) in classes:
            return classes[_plain(key)]
    raise PicturesUnfit(f"{path}: the network has no class {said!r}")


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())
