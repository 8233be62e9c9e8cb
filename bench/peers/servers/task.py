"""What every peer does with a picture besides serving it: the same few lines for all of them."""

import io
import os
from typing import Any

import numpy as np
from PIL import Image

SIDE = 299
BATCH = 16
ENGINE = os.environ["PEER_ENGINE"]
BUNDLE = os.environ["PEER_BUNDLE"]
CACHE = os.environ["PEER_CACHE"]
PORT = int(os.environ["PEER_PORT"])


def decode(jpeg: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture, uint8 (SIDE, SIDE, 3) of 0..255."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.draft("RGB", (SIDE, SIDE))
        resized = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(resized)


def top(scores: np.ndarray[Any, np.dtype[np.float32]]) -> dict[str, Any]:
    """The five likeliest of the scores (classes,) of one picture, ready for JSON."""
    best = np.argsort(scores)[:-6:-1]
    return {"predictions": [{"classId": int(at), "score": float(scores[at])} for at in best]}
