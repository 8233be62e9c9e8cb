"""Which pictures an update is made of: the same ones however many executors there are.

The pictures are dealt to shards once and for all. An update takes its part out of each shard, so that no
picture ever moves and each executor has the same work. One process that holds all shards makes the very same
updates, augmentation and all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from training.augmentation import Augmentation
from training.decoded import Split
from training.lab.varied import varied
from training.spark.errors import TooFewPictures

Batch = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Deal:
    """`pictures` dealt to `shards` in turn, `batch` of them an update; the last one of the rest.

    Raises:
        TooFewPictures: there are fewer than a batch, or a batch has none of some shard.
    """

    pictures: int
    batch: int
    shards: int
    seed: int
    classes: int
    augmentation: Augmentation

    def __post_init__(self) -> None:
        if self.batch < self.shards:
            raise TooFewPictures(
                f"batches of {self.batch} pictures cannot be shared by {self.shards} executors: "
                "give a higher --batch or fewer --executors"
            )
        if self.pictures < self.batch:
            raise TooFewPictures(
                f"{self.pictures} pictures to train on make no batch of {self.batch}: "
                "give a lower --batch"
            )

    def members(self, shard: int) -> np.ndarray:
        """The pictures of a shard, int64, rising: of each run of a batch's length as many as its share."""
        every = np.arange(self.pictures)
        found: np.ndarray = every[every % self.batch % self.shards == shard]
        return found

    def share(self, shard: int, step: int) -> int:
        """Pictures that a shard gives to an update, from 0, of an epoch."""
        usual = self._usual(shard)
        return min(usual, self._size(shard) - step * usual)

    def count(self, step: int) -> int:
        """Pictures of an update in all."""
        return sum(self.share(shard, step) for shard in range(self.shards))

    @property
    def steps(self) -> int:
        """Updates in an epoch: as long as each shard has something left."""
        return min(-(-self._size(shard) // self._usual(shard)) for shard in range(self.shards))

    def chosen(self, shard: int, epoch: int, step: int) -> np.ndarray:
        """Places within the shard of its part of an update, rising."""
        order = _permutation(self.seed, epoch, shard, self._size(shard))
        first = step * self._usual(shard)
        return np.sort(order[first : first + self.share(shard, step)])

    def part(self, split: Split, shard: int, epoch: int, step: int) -> Batch:
        """A shard's part of an update.

        Args:
            split: the shard's pictures.

        Returns:
            uint8 (share, H, W, 3), and int64 (share,) or, with mixup, float32 (share, classes).
        """
        chosen = self.chosen(shard, epoch, step)
        random = np.random.default_rng([self.seed, epoch, shard, step])
        pictures, labels = split.pictures[chosen], split.labels[chosen]
        return varied(pictures, labels, self.classes, self.augmentation, random)

    def _size(self, shard: int) -> int:
        rest = range(shard, self.pictures % self.batch, self.shards)
        return self.pictures // self.batch * self._usual(shard) + len(rest)

    def _usual(self, shard: int) -> int:
        return self.batch // self.shards + (shard < self.batch % self.shards)


@lru_cache(64)
def _permutation(seed: int, epoch: int, shard: int, count: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch, shard]).permutation(count)


def together(parts: Sequence[Batch]) -> Batch:
    """Several parts of one update as one."""
    pictures, labels = zip(*parts, strict=True)
    return np.concatenate(pictures), np.concatenate(labels)
