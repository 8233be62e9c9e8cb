"""Pictures that are part of the page itself."""

import base64
import io

import numpy as np
from PIL import Image

SIDE = 112  # pixels


def inlined(picture: np.ndarray) -> str:
    """A `data:` address of uint8 (side, side, 3), small ones enlarged without smoothing."""
    image = Image.fromarray(picture)
    if max(image.size) > SIDE:
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    kept = io.BytesIO()
    image.save(kept, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(kept.getvalue()).decode('ascii')}"
