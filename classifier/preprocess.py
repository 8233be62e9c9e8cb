"""Bytes to the network's input: decode -> upright -> opaque sRGB -> square of the bundle's side."""

import contextlib
import io
import struct
import warnings

import numpy as np
from PIL import AvifImagePlugin, Image, ImageFile, ImageOps, PngImagePlugin, UnidentifiedImageError
from PIL import BmpImagePlugin as BmpImagePlugin  # each registers its format
from PIL import GifImagePlugin as GifImagePlugin
from PIL import MpoImagePlugin as MpoImagePlugin
from PIL import WebPImagePlugin as WebPImagePlugin
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from classifier import jpeg, square
from classifier.colors import Color, opaque, to_rgb
from classifier.errors import InvalidImage, TooManyPixels, UnsupportedFormat
from classifier.limits import ImageLimits as ImageLimits
from classifier.plain import Bytes, scanned, told
from classifier.profiles import LARGEST
from classifier.recipe import Recipe
from classifier.tiff import has_pages, tile
from classifier.turning import upright
from classifier.webp import canvas

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF") + (
    ("AVIF",) if AvifImagePlugin.SUPPORTED else ()
)
PNG = b"\x89PNG\r\n\x1a\n"
SIGNATURES = (
    b"\xff\xd8\xff",
    PNG,
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"BM",
)
AVIF = (b"ftypavif", b"ftypavis")  # behind four bytes of length
WHITE: Color = (255, 255, 255)

# Limits are ours, stated per call; Pillow's own warning would only repeat them on stderr.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # pictures are decoded side by side, not one on all cores
PngImagePlugin.MAX_TEXT_CHUNK = LARGEST  # of a color profile, inflated


def prepare(
    data: Bytes, spec: Recipe, limits: ImageLimits, room: np.ndarray | None = None
) -> np.ndarray:
    """A picture file as the network's input, uint8 (side, side, 3) RGB, contiguous.

    A picture that has the input's size already passes unchanged.

    Args:
        data: the file, which nobody changes meanwhile.
        spec: what the network wants.
        limits: see `decode`.
        room: uint8 (side, side, 3), contiguous; the square may lie there, but need not.

    Raises:
        UnsupportedFormat, InvalidImage, TooManyPixels: see `decode`.
    """
    enough = spec.detail * (spec.resize or spec.side)
    picture, direct = None, spec.interpolation in square.DIRECT
    plain = scanned(data, limits) if direct else None
    if plain is None:
        data = bytes(data)
        picture = _opened(data, limits)
        plain = told(data, picture) if direct else None
    pixels = jpeg.pixels(data, plain, enough) if plain else None
    if plain is None or pixels is None:
        whole = picture or _opened(bytes(data), limits)
        return square.of_picture(_decoded(whole, enough, spec.background), spec)
    return opaque(upright(square.of_pixels(pixels, spec, room), plain.turned), plain.profile)


def decode(
    data: bytes, limits: ImageLimits, enough: int | None = None, background: Color = WHITE
) -> Image.Image:
    """The first frame of a picture file: upright, RGB, transparency laid over `background`.

    Args:
        limits: checked against the header, before any pixel is decoded.
        enough: pixels of the shorter side that will do; a large JPEG is then decoded at a half,
            a quarter or an eighth of its size, never below this.

    Raises:
        UnsupportedFormat: no picture, none of FORMATS, or a TIFF of several pages.
        InvalidImage: damaged or cut short.
        TooManyPixels: larger than the limits.
        MemoryError: it takes more memory than there is.
    """
    return _decoded(_opened(data, limits), enough, background)


def _opened(data: bytes, limits: ImageLimits) -> ImageFile.ImageFile:
    """The header alone, which keeps the limits."""
    _check(_announced(data), limits)
    picture = _open(data)
    _check(picture.size, limits)
    if isinstance(picture, TiffImageFile):
        _check_tiff(data, picture, limits)
    return picture


def _decoded(picture: ImageFile.ImageFile, enough: int | None, background: Color) -> Image.Image:
    try:
        if enough is not None:
            picture.draft(None, _at_least(picture.size, enough))
        _read_inks_as_meant(picture)
        picture.load()
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever hostile bytes make them raise
        raise InvalidImage(f"the {picture.format} picture is broken: {error}") from error
    _turn_upright(picture)
    return to_rgb(picture, background)


def _announced(data: bytes) -> tuple[int, int]:
    """The size in the header of those whose decoders go on before we could look; else (0, 0)."""
    if data.startswith(PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    return canvas(data)


def _check_tiff(data: bytes, picture: TiffImageFile, limits: ImageLimits) -> None:
    start = picture.tag_v2.offset
    _check(tile(data, start), limits, "tiles of ")
    if has_pages(data, start):
        raise UnsupportedFormat("the TIFF has several pages; only TIFFs of one page are read")


def _read_inks_as_meant(picture: ImageFile.ImageFile) -> None:
    """Only Adobe stores inks inverted, and says so (Adobe TN 5116); Pillow takes all for inverted."""
    inks = isinstance(picture, JpegImageFile) and picture.mode == "CMYK"
    if inks and "adobe" not in picture.info:
        picture.tile = [tile._replace(args=("CMYK", "")) for tile in picture.tile]


def _open(data: bytes) -> ImageFile.ImageFile:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise TooManyPixels(f"the picture is too large: {error}") from error
    except UnidentifiedImageError as error:
        if data.startswith(SIGNATURES) or data[4:12] in AVIF:
            raise InvalidImage("the picture's header is broken or cut short") from error
        raise UnsupportedFormat(f"no picture of a known format: {', '.join(FORMATS)}") from error
    except MemoryError:
        raise
    except Exception as error:  # as above: a header can be hostile as well
        raise InvalidImage(f"the picture's header is broken: {error}") from error


def _check(size: tuple[int, ...], limits: ImageLimits, what: str = "") -> None:
    width, height = size
    if width * height > limits.pixels:
        raise TooManyPixels(
            f"the picture has {what}{width} x {height} pixels; at most {limits.pixels} are read"
        )
    if max(size) > limits.side:
        raise TooManyPixels(
            f"the picture has {what}{width} x {height} pixels; at most {limits.side} a side are read"
        )


def _turn_upright(picture: Image.Image) -> None:
    """Turns as the EXIF orientation asks; EXIF that cannot be read asks for nothing."""
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(picture, in_place=True)


def _at_least(size: tuple[int, int], shorter: int) -> tuple[int, int]:
    scale = shorter / min(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
