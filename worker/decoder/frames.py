"""What a worker and a decoder say to each other: a head of fixed size, then as many bytes as it says."""

import struct
from enum import IntEnum
from typing import NamedTuple, get_args

from classifier.limits import ImageLimits
from classifier.recipe import Interpolation, Recipe

INTERPOLATIONS = get_args(Interpolation)
LONGEST = 300  # characters of a text
_ORDER = struct.Struct("!IQIHHBB3B")
_HEAD = struct.Struct("!II")
FORK, END = b"F", b"E"  # what the nursery is asked for
REQUEST, REPLY = struct.Struct("!ci"), struct.Struct("!i")
ORDER_SIZE, HEAD_SIZE = _ORDER.size, _HEAD.size


class Broken(Exception):
    """What came back keeps no rule; who sent it is not to be spoken to again."""


class Kind(IntEnum):
    """What an answer is; all but PICTURE carry a text."""

    PICTURE = 0
    UNSUPPORTED = 1
    INVALID = 2
    TOO_LARGE = 3
    MEMORY = 4  # it took more than there may be
    FAULT = 5  # an error that nobody thought of
    READY = 6  # once, before the first order
    LOCKED_OUT = 7  # once, instead: it could not be locked in


class Order(NamedTuple):
    """How to prepare a picture file of `size` bytes; satisfies `Recipe`."""

    size: int
    limits: ImageLimits
    side: int
    resize: int | None
    interpolation: Interpolation
    detail: int
    background: tuple[int, int, int]

    @classmethod
    def of(cls, size: int, recipe: Recipe, limits: ImageLimits) -> "Order":
        return cls(
            size,
            limits,
            recipe.side,
            recipe.resize,
            recipe.interpolation,
            recipe.detail,
            recipe.background,
        )

    @classmethod
    def decode(cls, data: bytes) -> "Order":
        size, pixels, longest, side, resize, how, detail, *color = _ORDER.unpack(data)
        limits = ImageLimits(pixels, longest)
        background = (color[0], color[1], color[2])
        return cls(size, limits, side, resize or None, INTERPOLATIONS[how], detail, background)

    def encode(self) -> bytes:
        return _ORDER.pack(
            self.size,
            self.limits.pixels,
            self.limits.side,
            self.side,
            self.resize or 0,
            INTERPOLATIONS.index(self.interpolation),
            self.detail,
            *self.background,
        )

    @property
    def answer_size(self) -> int:
        """Bytes of the prepared picture, (side, side, 3)."""
        return self.side * self.side * 3


def answer(kind: Kind, text: str) -> bytes:
    """An answer in words; text is cut at LONGEST."""
    body = text[:LONGEST].encode("ascii", "replace")
    return _HEAD.pack(kind, len(body)) + body


def head(kind: Kind, size: int) -> bytes:
    """What goes before an answer's body."""
    return _HEAD.pack(kind, size)


def read_head(data: bytes | memoryview, picture: int | None) -> tuple[Kind, int]:
    """An answer's kind and the bytes that follow.

    Args:
        data: HEAD_SIZE bytes.
        picture: bytes that a picture must have; None where none was asked for.

    Raises:
        Broken: no such kind, or a body of a wrong size.
    """
    number, size = _HEAD.unpack(data)
    try:
        kind = Kind(number)
    except ValueError as error:
        raise Broken(f"an answer of kind {number}") from error
    fits = size == picture if kind is Kind.PICTURE else size <= LONGEST
    if not fits or (kind in (Kind.READY, Kind.LOCKED_OUT)) is not (picture is None):
        raise Broken(f"an answer {kind.name} of {size} bytes")
    return kind, size


def readable(data: bytes | memoryview) -> str:
    """A text from the other side: printable ASCII, whatever it was."""
    text = bytes(data[:LONGEST]).decode("ascii", "replace")
    return "".join(each if " " <= each <= "~" else "?" for each in text)
