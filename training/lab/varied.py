"""The one place where training pictures are varied: numpy and OpenCV, whatever backend computes.

Not layers of Keras: what a batch becomes depends on its random generator alone, so that a run that was killed
within an epoch goes on with the very same batches.
"""

import cv2
import numpy as np

from training.augmentation import Augmentation
from training.lab import randaugment


def varied(
    pictures: np.ndarray,
    labels: np.ndarray,
    classes: int,
    how: Augmentation,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """A batch after augmentation.

    Args:
        pictures: uint8 (N, H, W, 3).
        labels: int64 (N,).

    Returns:
        Pictures of the same shape and dtype, and labels: as they were, or with mixup float32 (N, classes).
    """
    if how.randaugment:
        operations = range(len(pictures))
        pictures = np.stack(
            [
                randaugment.applied(pictures[at], how.randaugment, how.magnitude, random)
                for at in operations
            ]
        )
    if how.rotate or how.zoom:
        pictures = turned(pictures, how, random)
    elif how.shift or how.flip:
        padding = round(how.shift * pictures.shape[1])
        pictures = shifted(pictures, random, padding, how.flip)
    if how.mixup:
        return mixed(pictures, labels, classes, how.mixup, random)
    return pictures, labels


def shifted(
    pictures: np.ndarray, random: np.random.Generator, padding: int, flip: bool = True
) -> np.ndarray:
    """Shifts each picture by up to `padding` pixels over reflected edges; mirrors half of them."""
    count, height, width, _ = pictures.shape
    edge = (padding, padding)
    padded = np.pad(pictures, ((0, 0), edge, edge, (0, 0)), mode="reflect")
    result = np.empty_like(pictures)
    shifts = random.integers(0, 2 * padding + 1, (count, 2))
    flips = np.less(random.random(count), 0.5 if flip else 0.0)
    for at, (top, left) in enumerate(shifts):
        crop = padded[at, top : top + height, left : left + width]
        result[at] = crop[:, ::-1] if flips[at] else crop
    return result


def turned(pictures: np.ndarray, how: Augmentation, random: np.random.Generator) -> np.ndarray:
    """Rotates, zooms, shifts and mirrors each picture in one go, over reflected edges."""
    count, height, width, _ = pictures.shape
    angles = np.radians(random.uniform(-how.rotate, how.rotate, (count,)))
    scales = 1 + random.uniform(-how.zoom, how.zoom, (count,))
    shifts = random.uniform(-how.shift, how.shift, (count, 2)) * np.array((width, height))
    flips = np.less(random.random(count), 0.5 if how.flip else 0.0)
    center = np.array([(width - 1) / 2, (height - 1) / 2])
    result = np.empty_like(pictures)
    for at in range(count):
        cosine, sine = scales[at] * np.cos(angles[at]), scales[at] * np.sin(angles[at])
        turn = np.array([[cosine, -sine], [sine, cosine]]) @ np.diag([-1 if flips[at] else 1, 1])
        matrix = np.column_stack([turn, center + shifts[at] - turn @ center])
        cv2.warpAffine(
            np.ascontiguousarray(pictures[at]),
            matrix,
            (width, height),
            dst=result[at],
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
    return result


def mixed(
    pictures: np.ndarray,
    labels: np.ndarray,
    classes: int,
    alpha: float,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Each picture and its label mixed with another of the batch, by a share from Beta(alpha, alpha)."""
    count = len(labels)
    share = random.beta(alpha, alpha, count).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = random.permutation(count)
    wide = share[:, None, None, None]
    blend = wide * pictures + (1 - wide) * pictures[other]
    targets = np.zeros((count, classes), np.float32)
    rows = np.arange(count)
    targets[rows, labels] += share
    targets[rows, labels[other]] += 1 - share
    return np.round(blend).astype(np.uint8), targets
