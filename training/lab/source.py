"""What pictures to train on look like, wherever they come from; and two ways to use a part of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np

from classifier.classes import ClassName
from training.decoded import Split
from training.errors import PicturesUnfit
from training.recipe import Group

Part: TypeAlias = Literal["train", "validation"]


class Source(Protocol):
    """Labeled pictures in two parts, decoded when they are asked for."""

    @property
    def classes(self) -> tuple[ClassName, ...]:
        """In the order of labels."""

    @property
    def fingerprint(self) -> str:
        """Of the pictures and classes: two sources that differ do not share it."""

    @property
    def parts(self) -> frozenset[Part]:
        """Those that are given apart from each other."""

    def split(self, part: Part, side: int) -> Split:
        """All pictures of a part, at `side` x `side` pixels.

        Raises:
            DataMissing, PicturesUnfit, OutOfSpace
        """


@dataclass(frozen=True)
class Parted:
    """A source whose one part becomes two: a share of each class is held out, by the seed."""

    whole: Source
    share: float
    seed: int

    @property
    def classes(self) -> tuple[ClassName, ...]:
        """See Source."""
        return self.whole.classes

    @property
    def fingerprint(self) -> str:
        """See Source."""
        return f"{self.whole.fingerprint}, {self.share:g} held out by {self.seed}"

    @property
    def parts(self) -> frozenset[Part]:
        """See Source."""
        return frozenset(("train", "validation"))

    def split(self, part: Part, side: int) -> Split:
        """See Source."""
        whole = self.whole.split("train", side)
        held = held_out(whole.labels, self.share, self.seed)
        rest = np.setdiff1d(np.arange(len(whole.labels)), held)
        return whole.chosen(held if part == "validation" else rest)


def held_out(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Places of a share of each class, one picture at least: int64, ascending; the same for the same seed."""
    random = np.random.default_rng(seed)
    held: list[int] = []
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        held += random.permutation(places)[: max(1, round(share * len(places)))].tolist()
    return np.sort(np.array(held, np.int64))


@dataclass(frozen=True)
class Grouped:
    """A source of which some classes are used, in groups that are the new classes."""

    whole: Source
    groups: Sequence[Group]

    @property
    def classes(self) -> tuple[ClassName, ...]:
        """See Source."""
        return tuple(ClassName(class_id=group.name, name=group.name) for group in self.groups)

    @property
    def fingerprint(self) -> str:
        """See Source."""
        said = "\n".join(map(str, self.groups))
        return f"{self.whole.fingerprint}, groups {hashlib.sha256(said.encode()).hexdigest()[:12]}"

    @property
    def parts(self) -> frozenset[Part]:
        """See Source."""
        return self.whole.parts

    def split(self, part: Part, side: int) -> Split:
        """See Source; the first pictures of each member."""
        whole = self.whole.split(part, side)
        known = {each.class_id: at for at, each in enumerate(self.whole.classes)}
        chosen: list[tuple[int, int]] = []
        for label, group in enumerate(self.groups):
            most = group.train if part == "train" else group.validation
            for member in group.members:
                places = np.flatnonzero(whole.labels == known[member])[:most]
                chosen += [(int(place), label) for place in places]
        chosen.sort()
        places = np.array([place for place, _ in chosen], np.int64)
        return whole.chosen(places, np.array([label for _, label in chosen], np.int64))

    @classmethod
    def fits(cls, whole: Source, groups: Sequence[Group]) -> bool:
        """Whether the source has all classes that the groups are made of."""
        known = {each.class_id for each in whole.classes}
        return bool(groups) and all(set(group.members) <= known for group in groups)


def checked(source: Source, where: str, split: Split) -> None:
    """Raises PicturesUnfit where there is nothing to choose between, or nothing of a class to learn from."""
    count = len(source.classes)
    if count < 2:
        raise PicturesUnfit(f"{where} has {count} class, and a choice takes two")
    held = np.bincount(split.labels, minlength=count)
    empty = [source.classes[at].name for at in np.flatnonzero(held == 0)]
    if empty:
        more = f" and {len(empty) - 5} more classes" if len(empty) > 5 else ""
        raise PicturesUnfit(
            f"{where} has no pictures to learn from of {', '.join(empty[:5])}{more}: "
            "add some, or remove the class"
        )
