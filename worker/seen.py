"""Labels of pictures that were classified before, by their bytes: neither decoded nor put through the engine
again.

They are remembered for each client apart, so that nobody learns which pictures another has sent. A bundle's
version never changes, and with it go its preprocessing and its labels.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from wire.messages import Label
from wire.sieve import Sieve
from worker.models import Model
from worker.parcel import Parcel

LABELS = 10  # room for so many of each picture on average, some 100 bytes a label

Key = tuple[str | None, str, str, bytes]
Row = tuple[str, str, float]
"""A label's name, class id and confidence."""


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
    rows: tuple[Row, ...]


class SeenPictures:
    """Remembers so many pictures, the least recently used go first; satisfies `Seen`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[Key, Sieve | None], _Kept] = OrderedDict()
        self._labels = 0

    def __len__(self) -> int:
        return len(self._kept)

    def look(self, parcel: Parcel, model: Model, data: bytes) -> Sight:
        digest = hashlib.sha256(data).digest()
        return _Look(self, (parcel.received.group, model.name, model.version, digest), parcel)

    def find(self, key: Key, count: int, sieve: Sieve | None) -> tuple[Label, ...] | None:
        kept = self._kept.get((key, sieve))
        if kept is not None and kept.asked >= count:
            self._kept.move_to_end((key, sieve))
            return _labels(kept.rows[:count])
        whole = None if sieve is None else self._kept.get((key, None))
        rows = None if whole is None or sieve is None else _sifted(whole, sieve, count)
        if rows is None:
            return None
        self._kept.move_to_end((key, None))
        return _labels(rows)

    def keep(self, key: Key, count: int, sieve: Sieve | None, labels: tuple[Label, ...]) -> None:
        rows = tuple((each.name, each.class_id, each.confidence) for each in labels)
        self._forget((key, sieve))
        self._kept[key, sieve] = _Kept(count, rows)
        self._labels += len(rows)
        while len(self._kept) > self._most or self._labels > LABELS * self._most:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: tuple[Key, Sieve | None]) -> None:
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
        return self.seen.find(self.key, self.parcel.job.top, self.parcel.job.sieve)

    def keep(self, labels: tuple[Label, ...]) -> None:
        self.seen.keep(self.key, self.parcel.job.top, self.parcel.job.sieve, labels)


def _labels(rows: Sequence[Row]) -> tuple[Label, ...]:
    return tuple(
        Label(name=name, class_id=class_id, confidence=confidence)
        for name, class_id, confidence in rows
    )


def _sifted(whole: _Kept, sieve: Sieve, count: int) -> Sequence[Row] | None:
    """What a sieve would have left of all labels; None where the likeliest, which are known, do not tell."""
    least, passes = sieve.min_confidence, sieve.judge()
    rows = [row for row in whole.rows if row[2] >= least and passes(row[0], row[1])]
    all_known = len(whole.rows) < whole.asked
    rest_too_unlikely = bool(whole.rows) and whole.rows[-1][2] < least
    return rows[:count] if len(rows) >= count or all_known or rest_too_unlikely else None
