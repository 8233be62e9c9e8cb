"""What tensors of the protocol are made of: elements out of bytes and out of JSON, and into them again.

Sources: the Open Inference Protocol, "HTTP/REST", and its binary tensor data extension as Triton has it.
"""

import base64
import binascii
import struct
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

from wire.errors import InvalidParameter

_LENGTH = struct.Struct("<I")
DEEPEST = 8  # lists in lists


def elements(data: bytes, name: str) -> list[bytes]:
    """BYTES as binary data: of each element its length in four bytes, the least one first, and itself.

    Raises:
        InvalidParameter: the lengths do not add up.
    """
    found, at = [], 0
    while at < len(data):
        begin = at + _LENGTH.size
        size = _LENGTH.unpack_from(data, at)[0] if begin <= len(data) else len(data)
        at = begin + size
        if at > len(data):
            raise InvalidParameter(f"{name}: an element is longer than the tensor's data.")
        found.append(data[begin:at])
    return found


def packed(texts: Iterable[str]) -> bytes:
    """The same, from texts."""
    encoded = [text.encode() for text in texts]
    return b"".join(_LENGTH.pack(len(each)) + each for each in encoded)


def floats(values: Sequence[float]) -> bytes:
    """FP32, the least byte first."""
    return struct.pack(f"<{len(values)}f", *values)


def flat(data: Any, depth: int = 0) -> Iterator[Any]:
    """The values of a tensor in JSON: a list, or lists of lists in C order."""
    if depth > DEEPEST:
        raise InvalidParameter(f"A tensor's data are at most {DEEPEST} lists deep.")
    for each in data:
        if isinstance(each, list):
            yield from flat(each, depth + 1)
        else:
            yield each


def texts(data: list[Any], name: str) -> list[str]:
    """BYTES in JSON.

    Raises:
        InvalidParameter: an element is no text.
    """
    found = list(flat(data))
    if not all(isinstance(each, str) for each in found):
        raise InvalidParameter(f"{name}: BYTES are texts in JSON.")
    return found


def files(data: list[Any], name: str) -> list[bytes]:
    """Files in JSON, each in base64; raises InvalidParameter where one is not."""
    try:
        return [base64.b64decode(each, validate=True) for each in texts(data, name)]
    except (binascii.Error, ValueError):
        raise InvalidParameter(
            f"{name}: in JSON a picture's bytes are in base64; send them binary where you can."
        ) from None


def octets(data: list[Any], name: str) -> bytes:
    """UINT8 in JSON; raises InvalidParameter where a value is none."""
    try:
        return bytes(flat(data))
    except (TypeError, ValueError):
        raise InvalidParameter(f"{name}: UINT8 are whole numbers from 0 to 255.") from None


def fits(shape: Sequence[int], count: int, name: str) -> None:
    """Raises InvalidParameter where a shape does not hold so many elements."""
    if prod(shape) != count:
        raise InvalidParameter(f"{name}: {count} elements do not fill the shape {list(shape)}.")
