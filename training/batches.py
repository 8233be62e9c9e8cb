"""Shuffled, augmented batches: the same ones for the same seed and epoch, whenever asked."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from training.dataset import Split

Batch = tuple[np.ndarray, np.ndarray]


def epoch(split: Split, size: int, seed: int, number: int, padding: int) -> Iterator[Batch]:
    """Whole batches of one epoch: uint8 (size, H, W, 3) and int64 (size,); the rest is left out."""
    random = np.random.default_rng([seed, number])
    order = random.permutation(len(split.labels))
    for start in range(0, len(order) - size + 1, size):
        chosen = np.sort(order[start : start + size])
        yield crop_and_flip(split.pictures[chosen], random, padding), split.labels[chosen]


def crop_and_flip(pictures: np.ndarray, random: np.random.Generator, padding: int) -> np.ndarray:
    """Shifts each picture by up to `padding` pixels over reflected edges; mirrors half of them."""
    count, height, width, _ = pictures.shape
    edge = (padding, padding)
    padded = np.pad(pictures, ((0, 0), edge, edge, (0, 0)), mode="reflect")
    result = np.empty_like(pictures)
    shifts = random.integers(0, 2 * padding + 1, (count, 2))
    flips = np.less(random.random(count), 0.5)
    for at, (top, left) in enumerate(shifts):
        crop = padded[at, top : top + height, left : left + width]
        result[at] = crop[:, ::-1] if flips[at] else crop
    return result


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
