"""Plain JPEGs, which is most of what is sent, decoded straight into an array.

The pixels are those that Pillow decodes, bit by bit; what is saved is its way there: one more copy of
four bytes a pixel, and another one out of it.
"""

import numpy as np
from PIL import ImageFile
from simplejpeg import decode_jpeg, decode_jpeg_header  # type: ignore[import-untyped]

COLORS = {"RGB": "RGB", "L": "GRAY"}
SPACES = {"RGB": ("YCbCr", "RGB"), "L": ("Gray",)}
SHRINKS = (8, 4, 2)  # those that libjpeg-turbo has vector code for


def pixels(data: bytes, picture: ImageFile.ImageFile, enough: int) -> np.ndarray | None:
    """A JPEG as uint8 (height, width, 3) RGB or (height, width, 1) gray, as it lies in the file.

    None where Pillow has to do it: other formats, inks, several pictures in one file, and whatever
    gives the decoder so much as a warning: Pillow's word on what is broken is the one that counts.

    Args:
        data: the file.
        picture: the same, opened by Pillow, its size within the limits; nothing of it is decoded yet.
        enough: pixels of the shorter side that will do; the picture is then decoded at a half, a
            quarter or an eighth of its size, never below this.
    """
    mode = picture.mode
    if picture.format != "JPEG" or mode not in COLORS:
        return None
    try:
        height, width, space, _ = decode_jpeg_header(data)
        if (width, height) != picture.size or space not in SPACES[mode]:
            return None
        least = _least((height, width), enough)
        found: np.ndarray = decode_jpeg(data, COLORS[mode], min_height=least[0], min_width=least[1])
    except MemoryError:
        raise
    except Exception:
        # A KeyError, for one, of a sampling that simplejpeg has no name for.
        return None
    return found


def _least(size: tuple[int, int], enough: int) -> tuple[int, int]:
    """What the decoder is to reach, which it does with the smallest of its scales that will; (0, 0): all."""
    shrink = next((each for each in SHRINKS if min(size) // each >= enough), None)
    return (-(-size[0] // shrink), -(-size[1] // shrink)) if shrink else (0, 0)
