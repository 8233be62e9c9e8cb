"""Every color mode that Pillow decodes to, as opaque 8-bit sRGB."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from classifier.errors import UnsupportedFormat
from classifier.profiles import to_srgb

Color = tuple[int, int, int]
Box = tuple[int, int, int, int]
BLOCK = 2**20  # pixels


def to_rgb(picture: Image.Image, background: Color) -> Image.Image:
    """8-bit sRGB; transparency is laid over `background`, deeper samples are scaled to 8 bits.

    An embedded color profile is obeyed where it is valid. Works block by block, so that a picture takes
    its own memory and the result's and no more.

    Raises:
        UnsupportedFormat: a color mode without a conversion, such as LAB.
    """
    profile = picture.info.get("icc_profile") or b""
    if picture.mode == "RGB" and not picture.has_transparency_data and not _changes(profile):
        return picture
    span = _span(picture) if picture.mode in ("I", "F") else 0.0
    paper = Image.new("RGB", picture.size, background)
    try:
        for box in _blocks(picture.size):
            _lay(paper, _eight_bits(picture.crop(box), span), box, profile)
    except ValueError as error:
        raise UnsupportedFormat(f"pictures in {picture.mode} colors are not read") from error
    return paper


def opaque(square: np.ndarray, profile: bytes) -> np.ndarray:
    """uint8 (H, W, 3) sRGB of (H, W, 3) RGB or (H, W, 1) gray under an embedded profile, or under none."""
    gray = square.shape[2] == 1
    transform = to_srgb(profile, "L" if gray else "RGB") if profile else None
    if transform is not None:
        return np.array(transform.apply(Image.fromarray(square[:, :, 0] if gray else square)))
    return np.repeat(square, 3, axis=2) if gray else np.ascontiguousarray(square)


def _blocks(size: tuple[int, int]) -> Iterator[Box]:
    width, height = size
    across = min(width, BLOCK)
    down = BLOCK // across
    for top in range(0, height, down):
        for left in range(0, width, across):
            yield (left, top, min(left + across, width), min(top + down, height))


def _changes(profile: bytes) -> bool:
    return bool(profile) and to_srgb(profile, "RGB") is not None


def _lay(paper: Image.Image, block: Image.Image, box: Box, profile: bytes) -> None:
    if block.has_transparency_data:
        inked = block.convert("LA" if block.mode in ("L", "LA") else "RGBA")
        alpha = inked.getchannel("A")
        colors = inked.convert("L" if inked.mode == "LA" else "RGB")
        paper.paste(_srgb(colors, profile), box, alpha)
    else:
        paper.paste(_srgb(block, profile), box)


def _srgb(block: Image.Image, profile: bytes) -> Image.Image:
    if block.mode not in ("L", "CMYK"):
        block = block.convert("RGB")
    transform = to_srgb(profile, block.mode) if profile else None
    return block.convert("RGB") if transform is None else transform.apply(block)


def _eight_bits(block: Image.Image, span: float) -> Image.Image:
    """Gray samples deeper than 8 bits as 8 bits, `span` being white; other modes as they are."""
    if block.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(block) >> 8).astype(np.uint8))
    if block.mode in ("I", "F"):
        return Image.fromarray(np.asarray(np.round(_samples(block) * (255 / span)), np.uint8))
    return block


def _span(picture: Image.Image) -> float:
    """The white of gray samples of unstated depth.

    It ends the smallest usual range that holds the brightest sample: 0..1 for fractions,
    8, 16 or 32 bits for whole numbers.
    """
    brightest, whole = 0.0, True
    for box in _blocks(picture.size):
        samples = _samples(picture.crop(box))
        brightest = max(brightest, float(samples.max()))
        whole = whole and bool((samples == np.floor(samples)).all())
    ranges = (255, 65535, 4294967295) if whole else (1, 255, 65535, 4294967295)
    return next((span for span in ranges if brightest <= span), brightest)


def _samples(block: Image.Image) -> np.ndarray:
    """float32 (H, W), nothing below 0 and no NaN."""
    return np.clip(np.nan_to_num(np.asarray(block, np.float32)), 0, None)
