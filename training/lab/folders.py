"""Pictures in a folder for each class; two such folders, or one of which a share is held out.

pictures/CLASS/*.jpg                         a share is held out
pictures/train/CLASS/*.jpg, pictures/validation/CLASS/*.jpg     (or val, or test)
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from classifier.classes import ClassName
from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from classifier.preprocess import prepare
from training.album import files_by_class
from training.decoded import Decoding, Split, entries_of
from training.errors import PicturesUnfit
from training.lab.source import Part

HELD = ("validation", "val", "test")
Files = dict[str, list[Path]]


@dataclass(frozen=True)
class Folders:
    """See `training.lab.source.Source`.

    Args:
        prepared: how pictures become squares of a side; the same as where they are served.
        cache: where decoded pictures are kept.
        lenient: whether files that are no pictures are left out instead of refused.
    """

    root: Path
    prepared: Callable[[int], Preprocessing]
    cache: Path
    lenient: bool = False

    @cached_property
    def _files(self) -> dict[Part, Files]:
        train = self.root / "train"
        held = next((self.root / name for name in HELD if (self.root / name).is_dir()), None)
        if not (held and train.is_dir() and any(path.is_dir() for path in train.iterdir())):
            return {"train": _whole(self.root)}
        found: dict[Part, Files] = {"train": _whole(train), "validation": _whole(held)}
        if found["train"].keys() != found["validation"].keys():
            other = sorted(found["train"].keys() ^ found["validation"].keys())
            raise PicturesUnfit(
                f"{train} and {held} have not the same classes: {', '.join(other[:5])}"
            )
        return found

    @property
    def classes(self) -> tuple[ClassName, ...]:
        """See Source."""
        names = self._files["train"]
        return tuple(ClassName(class_id=name, name=name.replace("_", " ")) for name in names)

    @property
    def parts(self) -> frozenset[Part]:
        """See Source."""
        return frozenset(self._files)

    @cached_property
    def fingerprint(self) -> str:
        """See Source: of names and sizes."""
        digest = hashlib.sha256()
        for part in sorted(self._files):
            for path, name, _ in self._listed(part):
                digest.update(f"{part} {name} {path.stat().st_size}\n".encode())
        return digest.hexdigest()

    def split(self, part: Part, side: int) -> Split:
        """See Source."""
        listed = self._listed(part)
        spec = self.prepared(side)
        place = self._place(part, spec)
        decoding = Decoding(
            place, side, lambda data: prepare(data, spec, ImageLimits()), self.lenient
        )
        return decoding.load(len(listed), lambda: entries_of(listed))

    def _listed(self, part: Part) -> list[tuple[Path, str, int]]:
        return [
            (path, str(path.relative_to(self.root)), label)
            for label, paths in enumerate(self._files[part].values())
            for path in paths
        ]

    def _place(self, part: Part, spec: Preprocessing) -> Path:
        """Another for other files, even of the same names and sizes: a picture may have been mended."""
        changed = max(path.stat().st_mtime_ns for path, _, _ in self._listed(part))
        said = f"{self.root.resolve()} {self.fingerprint} {changed} {spec} {self.lenient}"
        return (
            self.cache / hashlib.sha256(said.encode()).hexdigest()[:12] / f"{part}-{spec.side}.npy"
        )


def _whole(folder: Path) -> Files:
    """Raises PicturesUnfit where a class has no file."""
    found = files_by_class(folder)
    empty = [name for name, paths in found.items() if not paths]
    if empty:
        raise PicturesUnfit(
            f"{folder / empty[0]} holds no pictures: put some there, or remove the folder"
        )
    return found
