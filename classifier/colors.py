"""Every color mode that Pillow decodes to, as opaque 8-bit RGB."""

import numpy as np
from PIL import Image

from classifier.errors import UnsupportedFormat

Color = tuple[int, int, int]


def to_rgb(picture: Image.Image, background: Color) -> Image.Image:
    """8-bit RGB; transparency is laid over `background`, deeper samples are scaled to 8 bits.

    Raises:
        UnsupportedFormat: a color mode without a conversion, such as LAB.
    """
    if picture.mode == "RGB" and not picture.has_transparency_data:
        return picture
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.mode in ("I", "F"):
        picture = Image.fromarray(_eight_bits(np.asarray(picture, np.float32)))
    try:
        if picture.has_transparency_data:
            return _over(picture.convert("RGBA"), background)
        return picture.convert("RGB")
    except ValueError as error:
        raise UnsupportedFormat(f"pictures in {picture.mode} colors are not read") from error


def _over(picture: Image.Image, background: Color) -> Image.Image:
    paper = Image.new("RGBA", picture.size, (*background, 255))
    return Image.alpha_composite(paper, picture).convert("RGB")


def _eight_bits(samples: np.ndarray) -> np.ndarray:
    """Gray samples (H, W) of unstated depth as uint8.

    The range is the smallest usual one that holds the brightest sample: 0..1 for fractions,
    8, 16 or 32 bits for whole numbers.
    """
    samples = np.clip(np.nan_to_num(samples), 0, None)
    brightest = samples.max(initial=0)
    whole = bool((samples == np.floor(samples)).all())
    ranges = (255, 65535, 4294967295) if whole else (1, 255, 65535, 4294967295)
    span = next((span for span in ranges if brightest <= span), brightest)
    return np.asarray(np.round(samples * (255 / span)), np.uint8)
