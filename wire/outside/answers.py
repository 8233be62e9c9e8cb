"""What comes behind a request on a connection: a head, and a body up to where it says."""

from typing import Protocol

import h11
import httpcore2

from wire.outside.metered import Metered
from wire.outside.plain import Head, Plain

PIECE = 256 * 1024  # bytes of one read; the meter grants fewer where a body is short of that
HEAD_AT_MOST = 100 * 1024  # bytes that h11 collects for a line's end; the meter stops before
SILENT = "Server disconnected without sending a response."
CUT = "peer closed connection without sending complete message body"  # h11's words
# For h11, which reads answers alone here. Of a request it matters to them that it is no HEAD and no CONNECT,
# and to whoever would ask again that it did not say `Connection: close`: who says so does not ask again.
_ASKED = h11.Request(method="GET", target="/", headers=[("Host", "-")])


class Answer(Protocol):
    """An answer that is being read. Raises httpcore2.NetworkError, httpcore2.RemoteProtocolError and
    UpstreamProtocol."""

    async def head(self) -> Head: ...

    async def piece(self) -> bytes | bytearray | None:
        """What comes next of its body; None at its end."""

    def is_over(self) -> bool:
        """Whether it was read to its end, no more than it came along, and another one may follow."""


class Sized:
    """One with a plain head.

    Args:
        data: what was read, the head included.
    """

    def __init__(self, stream: Metered, plain: Plain, data: bytes) -> None:
        self._stream = stream
        self._head = plain.head
        self._ready = data[plain.size : plain.size + plain.length]
        self._left = plain.length
        self._beyond = len(data) > plain.size + plain.length

    async def head(self) -> Head:
        return self._head

    async def piece(self) -> bytes | None:
        if not self._left:
            return None
        data = self._ready or await self._stream.read(min(PIECE, self._left))
        if not data:
            raise httpcore2.RemoteProtocolError(CUT)
        self._ready = b""
        self._left -= len(data)
        return data

    def is_over(self) -> bool:
        return not (self._left or self._beyond)


class Parsed:
    """Any: h11 decides what it is.

    Args:
        data: what was read.
    """

    def __init__(self, stream: Metered, data: bytes) -> None:
        self._stream = stream
        self._doubtful = False
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_AT_MOST)
        self._h11.send(_ASKED)
        self._h11.send(h11.EndOfMessage())
        self._receive(data)

    async def head(self) -> Head:
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                found = Head(event.status_code, list(event.headers))
                self._doubtful = _framed_twice(found)
                return found

    async def piece(self) -> bytes | bytearray | None:
        event = await self._event()
        return event.data if isinstance(event, h11.Data) else None

    def is_over(self) -> bool:
        if self._doubtful or (self._h11.our_state, self._h11.their_state) != (h11.DONE, h11.DONE):
            return False
        beyond, _ = self._h11.trailing_data
        return not beyond

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise httpcore2.RemoteProtocolError(str(error)) from error
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            self._receive(await self._stream.read(PIECE))

    def _receive(self, data: bytes) -> None:
        if not data and self._h11.their_state is h11.SEND_RESPONSE:
            raise httpcore2.RemoteProtocolError(SILENT)
        self._h11.receive_data(data)


def _framed_twice(head: Head) -> bool:
    """Whether some other reader may see another end to this answer than h11: RFC 9112, 6.3."""
    names = {name for name, _ in head.headers}
    return b"content-length" in names and b"transfer-encoding" in names
