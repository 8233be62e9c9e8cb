"""What may be asked about: an address, a file, bytes, or something to read them from."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, TypeAlias

Picture: TypeAlias = str | PathLike[str] | bytes | bytearray | memoryview | IO[bytes]
"""A string with `://` in it is an address that the service fetches; every other one names a file here."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture, ready to be sent as often as it takes: its `url`, or its `content`."""

    url: str | None = None
    content: bytes | None = None


def is_url(text: str) -> bool:
    """Whether it names something to fetch; everything without `scheme://` is a file."""
    return "://" in text


def source(picture: Picture) -> Source:
    """The picture's address or bytes; a file is read now, and from where an open one stands.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(picture, str) and is_url(picture):
        return Source(url=picture)
    if isinstance(picture, str | PathLike):
        return Source(content=Path(picture).read_bytes())
    if isinstance(picture, bytes | bytearray | memoryview):
        return Source(content=bytes(picture))
    return Source(content=picture.read())
