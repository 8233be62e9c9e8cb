"""A body's content encoding undone, never to more bytes than asked for.

Decoders that inflate a whole chunk at once turn 64 KiB into 64 MB, and stacked encodings into much
more; zlib stops where it is told to. One encoding is undone, a stack is refused.
"""

import zlib
from typing import Protocol

from wire.errors import BodyTooLarge, IncompleteBody, UpstreamProtocol


class Coding(Protocol):
    """Undoes one encoding, piece by piece."""

    def feed(self, piece: bytes, room: int) -> bytes:
        """The plain bytes of this piece.

        Raises:
            BodyTooLarge: there are more than `room`.
            UpstreamProtocol: the piece is not of this encoding.
        """

    def finish(self) -> None:
        """The body has ended.

        Raises:
            IncompleteBody: the encoding has not.
        """


class Identity:
    """No encoding."""

    def feed(self, piece: bytes, room: int) -> bytes:
        if len(piece) > room:
            raise BodyTooLarge
        return piece

    def finish(self) -> None:
        return


class Inflate:
    """gzip, and deflate in its zlib wrapping (RFC 1950, 1952)."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # either header

    def feed(self, piece: bytes, room: int) -> bytes:
        try:
            plain = self._zlib.decompress(piece, room + 1)
        except zlib.error as error:
            raise UpstreamProtocol from error
        if len(plain) > room:
            raise BodyTooLarge
        return plain

    def finish(self) -> None:
        if not self._zlib.eof:
            raise IncompleteBody


def coding(name: str) -> Coding:
    """The way back from a `Content-Encoding`.

    Raises:
        UpstreamProtocol: the encoding was not offered in the request.
    """
    kind = name.strip().lower()
    if kind in {"", "identity"}:
        return Identity()
    if kind in {"gzip", "x-gzip", "deflate"}:
        return Inflate()
    raise UpstreamProtocol
