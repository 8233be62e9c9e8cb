"""A body's content encoding undone, never to more bytes than asked for.

Decoders that inflate a whole chunk at once turn 64 KiB into 64 MB, and stacked encodings into much
more; these stop where they are told to. One encoding is undone, a stack is refused.
"""

import zlib
from typing import Protocol, TypeAlias

import brotli  # type: ignore[import-untyped]

from wire.errors import BodyTooLarge, IncompleteBody, UpstreamProtocol

Piece: TypeAlias = bytes | bytearray

BROTLI_STEP = 64 * 1024  # bytes; brotli overshoots its bound by up to two thirds


class Coding(Protocol):
    """Undoes one encoding, piece by piece."""

    def feed(self, piece: Piece, room: int) -> Piece:
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

    def feed(self, piece: Piece, room: int) -> Piece:
        if len(piece) > room:
            raise BodyTooLarge
        return piece

    def finish(self) -> None:
        return


class Inflate:
    """gzip (RFC 1952). What follows its end is passed over, as browsers do."""

    def __init__(self, wbits: int = zlib.MAX_WBITS | 16) -> None:
        self._zlib = zlib.decompressobj(wbits)

    def feed(self, piece: Piece, room: int) -> Piece:
        if self._zlib.eof:  # zlib would keep all that follows, and copy it each time
            return b""
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


class Deflate:
    """`deflate`: in its zlib wrapping, as RFC 9110 has it, or without, as some servers send it."""

    def __init__(self) -> None:
        self._start = b""
        self._inflate: Inflate | None = None

    def feed(self, piece: Piece, room: int) -> Piece:
        if self._inflate is None:
            self._start += piece
            if len(self._start) < 2:
                return b""
            piece = self._start
            wrapped = piece[0] & 15 == zlib.DEFLATED and int.from_bytes(piece[:2]) % 31 == 0
            self._inflate = Inflate(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        return self._inflate.feed(piece, room)

    def finish(self) -> None:
        if self._inflate is None:
            raise IncompleteBody
        self._inflate.finish()


class Brotli:
    """`br`, RFC 7932."""

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, piece: Piece, room: int) -> Piece:
        plain = bytearray()
        try:
            plain += self._brotli.process(piece, output_buffer_limit=BROTLI_STEP)
            while not self._brotli.can_accept_more_data() and len(plain) <= room:
                plain += self._brotli.process(b"", output_buffer_limit=BROTLI_STEP)
        except brotli.error as error:
            raise UpstreamProtocol from error
        if len(plain) > room:
            raise BodyTooLarge
        return bytes(plain)

    def finish(self) -> None:
        if not self._brotli.is_finished():
            raise IncompleteBody


CODINGS: dict[str, type[Coding]] = {
    "": Identity,
    "identity": Identity,
    "gzip": Inflate,
    "x-gzip": Inflate,
    "deflate": Deflate,
    "br": Brotli,
}


def coding(name: str) -> Coding:
    """The way back from a `Content-Encoding`.

    Raises:
        UpstreamProtocol: an encoding that is not known, or several.
    """
    kind = CODINGS.get(name.strip().lower())
    if kind is None:
        raise UpstreamProtocol
    return kind()
