"""Pictures that were taken with the camera turned."""

import contextlib

import numpy as np
from PIL import ExifTags, Image

UPRIGHT = 1


def orientation(picture: Image.Image) -> int:
    """What a picture's EXIF asks for (CIPA DC-008, 4.6.5); EXIF that cannot be read asks for nothing."""
    with contextlib.suppress(Exception):
        asked = picture.getexif().get(ExifTags.Base.Orientation, UPRIGHT)
        return asked if isinstance(asked, int) else UPRIGHT
    return UPRIGHT


def upright(square: np.ndarray, turned: int) -> np.ndarray:
    """A square (side, side, C) turned as an orientation asks."""
    if turned in (5, 6, 7, 8):
        square = square.swapaxes(0, 1)
    if turned in (2, 3, 6, 7):
        square = square[:, ::-1]
    if turned in (3, 4, 7, 8):
        square = square[::-1]
    return square
