"""What is to be known of a JPEG before it is decoded straight into an array."""

from typing import NamedTuple, TypeAlias

from PIL import ImageFile
from simplejpeg import decode_jpeg_header  # type: ignore[import-untyped]

from classifier.limits import ImageLimits
from classifier.turning import UPRIGHT, orientation

Bytes: TypeAlias = bytes | memoryview

START = b"\xff\xd8"
FRAMES = (0xC0, 0xC2)  # baseline and progressive, Huffman-coded (ITU-T T.81, table B.1)
SCAN = 0xDA
TABLES = (0xC4, 0xDB, 0xDD, 0xFE)  # Huffman, quantization, restart interval; comment
JFIF, PROFILE = 0xE0, 0xE2
MODES = {1: "L", 3: "RGB"}  # by components
SPACES = {"RGB": ("YCbCr", "RGB"), "L": ("Gray",)}


class Plain(NamedTuple):
    """A JPEG of one picture, RGB or gray.

    Args:
        size: width and height in pixels, as it lies in the file.
        mode: "RGB" or "L".
        profile: its color profile; empty if it has none.
        turned: EXIF orientation.
    """

    size: tuple[int, int]
    mode: str
    profile: bytes = b""
    turned: int = UPRIGHT


def scanned(data: Bytes, limits: ImageLimits) -> Plain | None:
    """What the segments before the first scan say, where they are the usual ones; None: ask Pillow.

    It says nothing that Pillow would not: whatever is larger than the limits, or has EXIF, several
    frames or profiles, padding or segments that Pillow reads and this does not, is left to Pillow.
    """
    if data[:2] != START:
        return None
    at, frame, profile = len(START), None, b""
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, body, end = data[at + 1], at + 4, at + 2 + (data[at + 2] << 8 | data[at + 3])
        if end > len(data):
            return None
        if marker == SCAN:
            return frame and frame._replace(profile=profile)
        if marker in FRAMES and frame is None:
            frame = _frame(data[body:end], limits)
            if frame is None:
                return None
        elif marker == PROFILE and not (frame or profile):
            profile = _profile(data[body:end])
            if not profile:
                return None
        elif marker not in TABLES and not (marker == JFIF and _is_jfif(data[body:end])):
            return None
        at = end
    return None


def told(data: bytes, picture: ImageFile.ImageFile) -> Plain | None:
    """What Pillow says of a picture that it opened; None if it is no plain JPEG.

    None as well where Pillow and libjpeg-turbo read the header differently.
    """
    mode = picture.mode
    if picture.format != "JPEG" or mode not in SPACES:
        return None
    try:
        height, width, space, _ = decode_jpeg_header(data)
    except MemoryError:
        raise
    except Exception:
        # A KeyError, for one, of a sampling that simplejpeg has no name for.
        return None
    if (width, height) != picture.size or space not in SPACES[mode]:
        return None
    profile = picture.info.get("icc_profile") or b""
    return Plain(picture.size, mode, profile, orientation(picture))


def _frame(body: Bytes, limits: ImageLimits) -> Plain | None:
    """Precision, height, width, number of components and three bytes for each (T.81, B.2.2)."""
    if len(body) < 6 or body[0] != 8 or body[5] not in MODES or len(body) != 6 + 3 * body[5]:
        return None
    height, width = body[1] << 8 | body[2], body[3] << 8 | body[4]
    allowed = 0 < height * width <= limits.pixels and max(height, width) <= limits.side
    return Plain((width, height), MODES[body[5]]) if allowed else None


def _profile(body: Bytes) -> bytes:
    """The profile of a segment that holds a whole one (ICC.1, B.4); empty: it does not."""
    return bytes(body[14:]) if body[:14] == b"ICC_PROFILE\0\1\1" else b""


def _is_jfif(body: Bytes) -> bool:
    return body[:5] == b"JFIF\0" and len(body) >= 14
