"""RandAugment (Cubuk, Zoph, Shlens and Le 2019): some of fourteen operations at one magnitude, by chance.

Ranges are those of the paper's table of AutoAugment's operations, shifts as a share of the side.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

MOST = 30  # magnitude
GRAY = (128, 128, 128)
Operation = Callable[[Image.Image, float, float], Image.Image]
"""Of a picture, with a magnitude of 0..1 and a sign of -1 or 1."""


def applied(
    picture: np.ndarray, count: int, magnitude: float, random: np.random.Generator
) -> np.ndarray:
    """uint8 (H, W, 3) after `count` operations at `magnitude` of 0..30."""
    image = Image.fromarray(picture)
    for _ in range(count):
        operation = OPERATIONS[int(random.integers(len(OPERATIONS)))]
        image = operation(image, magnitude / MOST, float(random.choice((-1.0, 1.0))))
    return np.asarray(image)


def _affine(image: Image.Image, *matrix: float) -> Image.Image:
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        matrix,
        resample=Image.Resampling.BILINEAR,
        fillcolor=GRAY,
    )


def _enhanced(kind: Callable[[Image.Image], ImageEnhance._Enhance]) -> Operation:
    return lambda image, much, sign: kind(image).enhance(1 + sign * 0.9 * much)


OPERATIONS: tuple[Operation, ...] = (
    lambda image, _much, _sign: image,
    lambda image, _much, _sign: ImageOps.autocontrast(image),
    lambda image, _much, _sign: ImageOps.equalize(image),
    lambda image, much, sign: image.rotate(
        30 * much * sign, resample=Image.Resampling.BILINEAR, fillcolor=GRAY
    ),
    lambda image, much, _sign: ImageOps.solarize(image, round(256 * (1 - much))),
    lambda image, much, _sign: ImageOps.posterize(image, 8 - round(4 * much)),
    _enhanced(ImageEnhance.Color),
    _enhanced(ImageEnhance.Contrast),
    _enhanced(ImageEnhance.Brightness),
    _enhanced(ImageEnhance.Sharpness),
    lambda image, much, sign: _affine(image, 1, 0.3 * much * sign, 0, 0, 1, 0),
    lambda image, much, sign: _affine(image, 1, 0, 0, 0.3 * much * sign, 1, 0),
    lambda image, much, sign: _affine(image, 1, 0, 0.45 * much * sign * image.width, 0, 1, 0),
    lambda image, much, sign: _affine(image, 1, 0, 0, 0, 1, 0.45 * much * sign * image.height),
)
