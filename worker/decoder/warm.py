"""Everything that decoding ever imports, imported: from inside the jail nothing can be."""

import contextlib
import gc
import io
import warnings

from PIL import Image, ImageCms

from classifier.errors import ClassifierError
from classifier.limits import ImageLimits
from classifier.preprocess import FORMATS, prepare
from classifier.profiles import forget
from classifier.recipe import Interpolation
from worker.decoder.frames import Order

SIZE = (16, 12)
MODES = ("RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16", "F")
JPEG = b"\xff\xd8"
WAYS: tuple[Interpolation, ...] = ("bicubic", "bilinear", "nearest")
ORIENTATION, TURNED = 0x0112, 6


def warm_up() -> None:
    """Decode a small picture of every format and mode, whole and cut short."""
    warnings.simplefilter("ignore")  # every second picture gives one, and nobody reads them
    for data in (*_files(), b"no picture", b""):
        _prepare(data)
        _prepare(data[: len(data) // 2])
    forget()
    gc.collect()
    gc.freeze()  # the collector would write to each page that is shared with the forks


def _files() -> list[bytes]:
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    files = []
    for kind in FORMATS:
        for mode in MODES[:1] if kind == "AVIF" else MODES:  # slow to encode
            buffer = io.BytesIO()
            with contextlib.suppress(OSError, ValueError, KeyError):
                Image.new(mode, SIZE).save(buffer, kind, exif=exif, icc_profile=profile)
            files.append(buffer.getvalue())
    return files


def _prepare(data: bytes) -> None:
    for how in WAYS if data.startswith(JPEG) else WAYS[:1]:
        order = Order(len(data), ImageLimits(), 8, 8, how, 1, (255, 255, 255))
        with contextlib.suppress(ClassifierError):
            prepare(data, order, order.limits)
