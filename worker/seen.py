"""Labels of pictures that were classified before, by their bytes: neither decoded nor put through the engine
again.

They are remembered for each client apart, so that nobody learns which pictures another has sent. A bundle's
version never changes, and with it go its preprocessing and its labels.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from wire.messages import Label
from worker.models import Model
from worker.parcel import Parcel

LABELS = 10  # room for so many of each picture on average, some 100 bytes a label

Key = tuple[str | None, str, str, bytes]


class Sight(Protocol):
    """One picture, looked at."""

    def labels(self) -> tuple[Label, ...] | None:
        """As many as its job asks for; None where they are not remembered, or new ones are wanted."""

    def keep(self, labels: tuple[Label, ...]) -> None:
        """Remember what it turned out to be."""


class Seen(Protocol):
    """What `Work` asks before it decodes."""

    def look(self, parcel: Parcel, model: Model, data: bytes) -> Sight: ...


class Unseen:
    """Remembers nothing; satisfies `Seen` and `Sight`."""

    def look(self, parcel: Parcel, model: Model, data: bytes) -> Sight:  # noqa: ARG002
        return self

    def labels(self) -> None:
        return None

    def keep(self, labels: tuple[Label, ...]) -> None:
        """Not at all."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """`asked` labels were wanted; where the model has fewer, all are there."""

    asked: int
    rows: tuple[tuple[str, str, float], ...]


class SeenPictures:
    """Remembers so many pictures, the least recently used go first; satisfies `Seen`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._labels = 0

    def __len__(self) -> int:
        return len(self._kept)

    def look(self, parcel: Parcel, model: Model, data: bytes) -> Sight:
        digest = hashlib.sha256(data).digest()
        return _Look(self, (parcel.received.group, model.name, model.version, digest), parcel)

    def find(self, key: Key, count: int) -> tuple[Label, ...] | None:
        kept = self._kept.get(key)
        if kept is None or kept.asked < count:
            return None
        self._kept.move_to_end(key)
        return tuple(
            Label(name=name, class_id=class_id, confidence=confidence)
            for name, class_id, confidence in kept.rows[:count]
        )

    def keep(self, key: Key, count: int, labels: tuple[Label, ...]) -> None:
        rows = tuple((each.name, each.class_id, each.confidence) for each in labels)
        self._forget(key)
        self._kept[key] = _Kept(count, rows)
        self._labels += len(rows)
        while len(self._kept) > self._most or self._labels > LABELS * self._most:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._labels -= len(kept.rows)


@dataclass(frozen=True, slots=True)
class _Look:
    """A suspect is worked whatever is remembered: what took its worker along shall show."""

    seen: SeenPictures
    key: Key
    parcel: Parcel

    def labels(self) -> tuple[Label, ...] | None:
        if self.parcel.suspect or self.parcel.job.fresh:
            return None
        return self.seen.find(self.key, self.parcel.job.top)

    def keep(self, labels: tuple[Label, ...]) -> None:
        self.seen.keep(self.key, self.parcel.job.top, labels)
