"""Ways from a JPEG's bytes to a network's square; the first one is what the others are held to."""

import io
from collections.abc import Callable
from typing import Any, TypeAlias

import cv2
import numpy as np
from PIL import Image
from simplejpeg import decode_jpeg  # type: ignore[import-untyped]

from classifier import jpeg, square
from classifier.limits import ImageLimits
from classifier.plain import told
from classifier.preprocess import decode, prepare
from classifier.recipe import Recipe

Way: TypeAlias = Callable[[bytes, Recipe], np.ndarray]
LIMITS = ImageLimits()


def whole(data: bytes, recipe: Recipe) -> np.ndarray:
    """Every pixel decoded, and averaged by Pillow."""
    return square.of_picture(decode(data, LIMITS), recipe)


def draft(data: bytes, recipe: Recipe) -> np.ndarray:
    """The same from a half, a quarter or an eighth of the size where that will do."""
    return square.of_picture(decode(data, LIMITS, _enough(recipe)), recipe)


def served(data: bytes, recipe: Recipe) -> np.ndarray:
    """What decoders do."""
    return prepare(data, recipe, LIMITS)


def drafted_linear(data: bytes, recipe: Recipe) -> np.ndarray:
    """Decoded by Pillow, scaled as decoders do."""
    return square.of_pixels(np.asarray(decode(data, LIMITS, _enough(recipe))), recipe)


def straight_averaged(data: bytes, recipe: Recipe) -> np.ndarray:
    """Decoded as decoders do, averaged by Pillow."""
    return square.of_picture(Image.fromarray(_straight(data, recipe)), recipe)


def straight_area(data: bytes, recipe: Recipe) -> np.ndarray:
    """Decoded as decoders do, averaged by OpenCV."""
    return _scaled(_straight(data, recipe), recipe, cv2.INTER_AREA)


def straight_softened(data: bytes, recipe: Recipe) -> np.ndarray:
    """Decoded as decoders do, softened a little and scaled by OpenCV."""
    return _scaled(cv2.GaussianBlur(_straight(data, recipe), (3, 3), 0.5), recipe, cv2.INTER_LINEAR)


def hasty(data: bytes, recipe: Recipe) -> np.ndarray:
    """The decoder's fast transform and upsampling."""
    pixels = decode_jpeg(data, fastdct=True, fastupsample=True)
    return _scaled(pixels, recipe, cv2.INTER_LINEAR)


def opencv(data: bytes, recipe: Recipe) -> np.ndarray:
    """OpenCV alone, at full size."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return _scaled(pixels, recipe, cv2.INTER_LINEAR)


WAYS: dict[str, Way] = {
    "Pillow, whole": whole,
    "Pillow, draft": draft,
    "served": served,
    "Pillow, linear": drafted_linear,
    "simplejpeg, Pillow's average": straight_averaged,
    "simplejpeg, area": straight_area,
    "simplejpeg, softened": straight_softened,
    "simplejpeg, fast transform": hasty,
    "OpenCV alone": opencv,
}


def _enough(recipe: Recipe) -> int:
    return recipe.detail * (recipe.resize or recipe.side)


def _straight(data: bytes, recipe: Recipe) -> np.ndarray:
    plain = told(data, Image.open(io.BytesIO(data), formats=["JPEG"]))
    pixels = jpeg.pixels(data, plain, _enough(recipe)) if plain else None
    if pixels is None:
        return np.asarray(decode(data, LIMITS, _enough(recipe)))
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def _scaled(pixels: Any, recipe: Recipe, how: int) -> np.ndarray:
    height, width, _ = pixels.shape
    left, top, right, bottom = map(round, square.part((width, height), recipe))
    return np.asarray(
        cv2.resize(pixels[top:bottom, left:right], (recipe.side, recipe.side), interpolation=how)
    )
