"""Pictures that were taken with the camera turned."""

import contextlib

import numpy as np
from PIL import ExifTags, Image


def upright(square: np.ndarray, picture: Image.Image) -> np.ndarray:
    """A square (side, side, C) turned as the picture's EXIF orientation asks (CIPA DC-008, 4.6.5).

    EXIF that cannot be read asks for nothing.
    """
    asked = 1
    with contextlib.suppress(Exception):
        asked = picture.getexif().get(ExifTags.Base.Orientation, 1)
    if asked in (5, 6, 7, 8):
        square = square.swapaxes(0, 1)
    if asked in (2, 3, 6, 7):
        square = square[:, ::-1]
    if asked in (3, 4, 7, 8):
        square = square[::-1]
    return square
