"""Pictures as Parquet shards, in the form of Tiny ImageNet: see `training.dataset`."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from classifier.classes import ClassName
from training import dataset
from training.decoded import Split
from training.lab.source import Part


@dataclass(frozen=True)
class Tables:
    """See `training.lab.source.Source`. Without validation shards a share is held out.

    Args:
        only: ids of the classes whose pictures are decoded; all when None.
    """

    root: Path
    cache: Path
    lenient: bool = False
    only: frozenset[str] | None = None

    @cached_property
    def classes(self) -> tuple[ClassName, ...]:
        """See Source; of a class's synonyms the first is shown."""
        found = dataset.classes(self.root)
        return tuple(ClassName(class_id=each, name=name.split(",")[0]) for each, name in found)

    @property
    def parts(self) -> frozenset[Part]:
        """See Source."""
        parts: tuple[Part, ...] = ("train", "validation")
        return frozenset(part for part in parts if any(self.root.glob(f"{part}-*.parquet")))

    @cached_property
    def fingerprint(self) -> str:
        """See Source: of names, and what the files hold."""
        files = [path for part in sorted(self.parts) for path in dataset.shards(self.root, part)]
        return dataset.key(self.root, files, self.cache)

    def split(self, part: Part, side: int) -> Split:
        """See Source."""
        labels = None
        if self.only is not None:
            ids = enumerate(self.classes)
            labels = frozenset(at for at, each in ids if each.class_id in self.only)
        return dataset.load(self.root, self.cache, part, side, self.lenient, labels)
