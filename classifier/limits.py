"""What a picture may ask for at most."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageLimits:
    """Pixels of one frame, and pixels of its longer side; both are still allowed."""

    pixels: int = 50_000_000
    side: int = 16_384
