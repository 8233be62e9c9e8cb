"""Plain good pictures, whose answers are known: each is all of one color."""

import io

from PIL import Image

SHADES = {"red": (220, 20, 30), "green": (10, 200, 40), "blue": (30, 20, 210)}


def picture(color: str, kind: str = "PNG", side: int = 32) -> bytes:
    """A picture of one color as a file."""
    return encoded(Image.new("RGB", (side, side), SHADES[color]), kind)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file of this kind."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
