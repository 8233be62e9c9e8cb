"""Embedded color profiles: what turns a picture's own colors into sRGB."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

LARGEST = 4 * 2**20  # bytes; press profiles have half to three megabytes
USUAL = 2**14  # cameras and screens: a handful of kinds, and 3 ms to read one
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
STEPS = np.linspace(0, 255, 9).astype(np.uint8)
UNSEEN = 3  # of 256 steps
_SRGB = ImageCms.createProfile("sRGB")


def to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What turns pixels of RGB, L or CMYK under a profile into sRGB ones.

    None where nothing is to be done: the profile says sRGB in other words, or it is broken, made for
    other pixels or larger than LARGEST, in which case the pixels are taken for what they seem to be.
    """
    if len(profile) > LARGEST:
        return None
    return (_usual if len(profile) <= USUAL else _large)(profile, mode)


def forget() -> None:
    """Every transform that is kept."""
    _usual.cache_clear()
    _large.cache_clear()


def _made(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if MODES.get(own.profile.xcolor_space.strip()) != mode:
            return None
        transform = ImageCms.buildTransform(own, _SRGB, mode, "RGB")
    except Exception:  # a profile is as hostile as any bytes
        return None
    return transform if mode == "CMYK" or _shows(transform, mode) else None


def _shows(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether anybody would see that it was applied."""
    grid = np.stack(np.meshgrid(STEPS, STEPS, STEPS), -1).reshape(1, -1, 3)
    chart = Image.fromarray(grid if mode == "RGB" else STEPS[None])
    plain = np.asarray(chart.convert("RGB"), int)
    return bool(np.abs(np.asarray(transform.apply(chart), int) - plain).max() > UNSEEN)


_usual, _large = lru_cache(maxsize=32)(_made), lru_cache(maxsize=2)(_made)
