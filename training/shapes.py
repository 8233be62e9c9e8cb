"""Whether pictures can be cut to a network's input; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.errors import Unservable

CHANNELS = 3
LARGEST = 4096
Length = int | None
"""None: any."""


@dataclass(frozen=True)
class PictureInput:
    """Square pictures of three channels, which come last (NHWC) or first (NCHW)."""

    side: int
    layout: Literal["NHWC", "NCHW"]


def picture_input(shape: Sequence[Length], side: int | None, where: str) -> PictureInput:
    """What a network's input takes.

    Args:
        shape: of the input, with the batch's axis.
        side: what the user says; it must fit, and is needed where the network takes any.
        where: the network's file, for the texts.

    Raises:
        Unservable: no picture can be cut to it.
    """
    written = "x".join("?" if length is None else str(length) for length in shape)
    if len(shape) != 4:
        raise Unservable(
            f"{where} takes {written}, which is no batch of pictures (N, height, width, 3)"
        )
    layout: Literal["NHWC", "NCHW"] = "NCHW" if shape[1] == CHANNELS != shape[3] else "NHWC"
    _, height, width, channels = shape if layout == "NHWC" else [shape[at] for at in (0, 2, 3, 1)]
    if channels != CHANNELS:
        raise Unservable(f"{where} takes {written}: no axis of {CHANNELS} colors is among them")
    if height != width:
        raise Unservable(f"{where} takes {written}, and only squares are cut from pictures")
    if height is None and side is None:
        raise Unservable(f"{where} takes pictures of any size ({written}): name one, --side PIXELS")
    if side is not None and height not in (None, side):
        raise Unservable(f"{where} takes {written}, which does not fit --side {side}")
    found = height or side or 0
    if not 1 <= found <= LARGEST:
        raise Unservable(f"{where}: a side of {found} pixels is not between 1 and {LARGEST}")
    return PictureInput(found, layout)


def class_count(shape: Sequence[Length], where: str) -> int:
    """The classes of an output (N, classes); axes of 1 besides are let go.

    Raises:
        Unservable: it is none, or has one class only.
    """
    written = "x".join("?" if length is None else str(length) for length in shape)
    long = [length for length in shape[1:] if length != 1]
    if len(shape) < 2 or len(long) != 1 or long[0] is None:
        raise Unservable(
            f"{where} answers with {written}, which is no score for each class (N, classes)"
        )
    return long[0]
