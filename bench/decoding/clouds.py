"""A made photo of any size."""

import io

import numpy as np
from PIL import Image


def photo(width: int, height: int) -> bytes:
    """A JPEG of colored clouds with some grain, about 100 kB at 800 x 533."""
    random = np.random.default_rng(1)
    clouds = Image.fromarray(random.integers(0, 256, (24, 36, 3), np.uint8))
    smooth = clouds.resize((width, height), Image.Resampling.BICUBIC)
    grain = random.normal(0, 4, (height, width, 1))
    pixels = np.clip(np.asarray(smooth) + grain, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
