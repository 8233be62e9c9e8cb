"""Pictures of new classes: a folder for each, named after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from classifier.errors import ClassifierError
from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from classifier.preprocess import prepare
from training.decoded import Split
from training.errors import PicturesUnfit
from training.lab.source import held_out
from training.pictures import SUFFIXES, Labeled

FEWEST = 2  # pictures of a class: one to learn from, one to measure on
HELD_OUT = 0.2


@dataclass(frozen=True)
class Album:
    """Pictures as a network is fed them, their files, and the classes by name, in order.

    `broken` tells of each file that was left out, and why.
    """

    names: tuple[str, ...]
    paths: tuple[Path, ...]
    split: Split
    broken: tuple[str, ...]

    @property
    def labeled(self) -> list[Labeled]:
        """As `training.measuring` takes them."""
        return [
            Labeled(path, (int(label),))
            for path, label in zip(self.paths, self.split.labels, strict=True)
        ]

    def chosen(self, places: np.ndarray) -> "Album":
        """The pictures at these places."""
        split = Split(self.split.pictures[places], self.split.labels[places])
        return Album(self.names, tuple(self.paths[at] for at in places), split, self.broken)


def read(folder: Path, spec: Preprocessing, names: tuple[str, ...] | None = None) -> Album:
    """All pictures under the folder's folders. What is no picture is left out and named.

    Args:
        folder: holds a folder for each class.
        spec: how the network's pictures are prepared.
        names: the classes that are to be there; whichever there are when None.

    Raises:
        PicturesUnfit: there are fewer than two classes, others than `names`, or too few pictures of one.
    """
    files = files_by_class(folder)
    if names is not None and tuple(files) != names:
        raise PicturesUnfit(f"{folder} has the classes {_listed(files)}, not {_listed(names)}")
    rows = [(path, at) for at, paths in enumerate(files.values()) for path in paths]
    pictures, kept, broken = [], [], []
    for path, label in track(rows, f"reading {folder.name}"):
        try:
            pictures.append(prepare(path.read_bytes(), spec, ImageLimits()))
            kept.append((path, label))
        except (ClassifierError, OSError) as error:
            broken.append(f"{path}: {error}")
    labels = np.array([label for _, label in kept], np.int64)
    _check(folder, tuple(files), labels, broken)
    return Album(
        tuple(files),
        tuple(path for path, _ in kept),
        Split(np.stack(pictures), labels),
        tuple(broken),
    )


def parted(album: Album, seed: int) -> tuple[Album, Album]:
    """Those to learn from, and a fifth of each class to measure on: the same ones for the same seed."""
    held = held_out(album.split.labels, HELD_OUT, seed)
    rest = np.setdiff1d(np.arange(len(album.paths)), held)
    return album.chosen(rest), album.chosen(held)


def files_by_class(folder: Path) -> dict[str, list[Path]]:
    """Each class's files, by its name; raises PicturesUnfit where there are fewer than two classes."""
    if not folder.is_dir():
        raise PicturesUnfit(f"{folder} is no folder")
    classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    if len(classes) < 2:
        raise PicturesUnfit(
            f"{folder} has {len(classes)} classes, and a choice takes two: "
            f"put the pictures into {folder}/CLASS/, a folder for each class"
        )
    return {path.name: sorted(_pictures(path)) for path in classes}


def _pictures(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file():
            yield path


def _check(folder: Path, names: tuple[str, ...], labels: np.ndarray, broken: list[str]) -> None:
    for label, name in enumerate(names):
        count = int((labels == label).sum())
        if count < FEWEST:
            why = f"; unreadable: {'; '.join(broken[:5])}" if broken else ""
            raise PicturesUnfit(
                f"{folder / name} has {count} pictures and needs {FEWEST} or more"
                f" ({', '.join(sorted(SUFFIXES))}){why}"
            )


def _listed(names: object) -> str:
    return ", ".join(names) if isinstance(names, tuple | dict) else str(names)
