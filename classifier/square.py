"""The part of a picture that a recipe asks for, as a square of the network's size."""

import cv2
import numpy as np
from PIL import Image

from classifier.recipe import Recipe

FILTERS = {kind.name.lower(): kind for kind in Image.Resampling}
Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels
DIRECT = ("bilinear", "nearest")
LOPSIDED = 3

cv2.setNumThreads(1)  # pictures are decoded side by side, not one on all cores


def of_picture(picture: Image.Image, recipe: Recipe) -> np.ndarray:
    """uint8 (side, side, 3); every interpolation averages over what it shrinks but `nearest`."""
    box = part(picture.size, recipe)
    how = FILTERS[recipe.interpolation]
    return np.array(picture.resize((recipe.side, recipe.side), how, box, 3.0))


def of_pixels(pixels: np.ndarray, recipe: Recipe, room: np.ndarray | None = None) -> np.ndarray:
    """The same of uint8 (H, W, C), C being 3 or 1, which stays: (side, side, C); for DIRECT ones.

    `bilinear` averages whole pixels until less than twice as many as wanted are left one way, and less
    than LOPSIDED times as many the other, and then weighs the two nearest ones each way. The square is
    sharper than an average over a wider range would be, at a sixth of its price. It lies in `room`
    where that has its shape.
    """
    height, width, _ = pixels.shape
    box = part((width, height), recipe)
    if recipe.interpolation == "nearest":
        return _nearest(pixels, box, recipe.side)
    return _linear(pixels, box, recipe.side, room)


def part(size: tuple[int, int], recipe: Recipe) -> Box:
    """The part of a picture of that width and height that becomes the square.

    Cutting before scaling gives the same square as the usual order, at bounded cost: a picture of
    1 x 50 000 000 pixels is never scaled up as a whole.
    """
    width, height = size
    if recipe.resize is None:
        return (0, 0, width, height)
    side = min(width, height) * recipe.side / recipe.resize
    left, top = max(0.0, (width - side) / 2), max(0.0, (height - side) / 2)
    return (left, top, min(width, left + side), min(height, top + side))


def _nearest(pixels: np.ndarray, box: Box, side: int) -> np.ndarray:
    columns = _centers(box[0], box[2], side)
    found: np.ndarray = pixels[_centers(box[1], box[3], side)[:, None], columns[None]]
    return found


def _centers(start: float, end: float, side: int) -> np.ndarray:
    """Which pixels lie under the centers of the square's; rounded and summed up as Pillow does."""
    first, last = np.float32(start), np.float32(end)
    step = float(last - first) / side
    return np.cumsum(np.r_[float(first) + step * 0.5, np.full(side - 1, step)]).astype(np.intp)


def _linear(pixels: np.ndarray, box: Box, side: int, room: np.ndarray | None) -> np.ndarray:
    left, top, right, bottom = (round(edge) for edge in box)
    cut = pixels[top : max(bottom, top + 1), left : max(right, left + 1)]
    square = cv2.resize(_reduced(cut, side), (side, side), room, interpolation=cv2.INTER_LINEAR)
    return np.reshape(square, (side, side, -1))


def _reduced(pixels: np.ndarray, side: int) -> np.ndarray:
    """Averages of whole pixels, as many as leave `side` of them; what is over is cut off all around."""
    height, width, _ = pixels.shape
    each_way = max(1, height // side), max(1, width // side)
    down, across = (one if one >= LOPSIDED * min(each_way) else min(each_way) for one in each_way)
    if down == across == 1:
        return pixels
    top, left = height % down // 2, width % across // 2
    size = (width // across, height // down)
    cut = pixels[top : top + size[1] * down, left : left + size[0] * across]
    return np.reshape(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), (*size[::-1], -1))
