"""Shuffled, augmented batches: the same ones for the same seed, epoch and place, whenever asked."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from training.augmentation import Augmentation
from training.decoded import Split
from training.lab.varied import varied

Batch = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Shuffle:
    """How an epoch's batches are made: of `size` pictures each, the last one of the rest."""

    size: int
    seed: int
    augmentation: Augmentation
    classes: int

    def steps(self, split: Split) -> int:
        """Batches of one epoch."""
        return -(-len(split.labels) // self.size)

    def epoch(self, split: Split, number: int, first: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from the `first` on.

        Yields:
            uint8 (size, H, W, 3), and int64 (size,) or, with mixup, float32 (size, classes).
        """
        order = np.random.default_rng([self.seed, number]).permutation(len(split.labels))
        for at in range(first, self.steps(split)):
            chosen = np.sort(order[at * self.size : (at + 1) * self.size])
            random = np.random.default_rng([self.seed, number, at])
            pictures, labels = split.pictures[chosen], split.labels[chosen]
            yield varied(pictures, labels, self.classes, self.augmentation, random)


def plain(split: Split, size: int) -> Iterator[Batch]:
    """All pictures in order, unchanged; the last batch may be smaller."""
    for start in range(0, len(split.labels), size):
        yield split.pictures[start : start + size], split.labels[start : start + size]


def ahead(batches: Iterable[Batch], depth: int = 4) -> Iterator[Batch]:
    """The same batches, prepared by a thread up to `depth` ahead of the consumer."""
    source = iter(batches)
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(next, source, None) for _ in range(depth)]
        while (batch := waiting.pop(0).result()) is not None:
            waiting.append(pool.submit(next, source, None))
            yield batch
