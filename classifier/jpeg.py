"""Plain JPEGs, which is most of what is sent, decoded straight into an array.

The pixels are those that Pillow decodes, bit by bit; what is saved is its way there: one more copy of
four bytes a pixel, and another one out of it.
"""

import numpy as np
from simplejpeg import decode_jpeg  # type: ignore[import-untyped]

from classifier.plain import Bytes, Plain

COLORS = {"RGB": "RGB", "L": "GRAY"}
CHANNELS = {"RGB": 3, "L": 1}
SHRINKS = (8, 4, 2)  # those that libjpeg-turbo has vector code for


def pixels(data: Bytes, plain: Plain, enough: int) -> np.ndarray | None:
    """A JPEG as uint8 (height, width, 3) RGB or (height, width, 1) gray, as it lies in the file.

    None where Pillow has to do it: whatever gives the decoder so much as a warning, for Pillow's word
    on what is broken is the one that counts.

    Args:
        data: the file.
        plain: what is known of it, its size within the limits.
        enough: pixels of the shorter side that will do; the picture is then decoded at a half, a
            quarter or an eighth of its size, never below this.
    """
    width, height = plain.size
    shrink = next((each for each in SHRINKS if min(plain.size) // each >= enough), 1)
    shape = (-(-height // shrink), -(-width // shrink), CHANNELS[plain.mode])
    room = np.empty(shape, np.uint8)
    least = shape[:2] if shrink > 1 else (0, 0)  # it takes the smallest of its scales that will do
    try:
        found: np.ndarray = decode_jpeg(
            data, COLORS[plain.mode], min_height=least[0], min_width=least[1], buffer=room
        )
    except MemoryError:
        raise
    except Exception:
        # A KeyError, for one, of a sampling that simplejpeg has no name for.
        return None
    return found if found.shape == shape else None
