"""One connection to an origin, and one request on it after another. h11 decides what an answer is.

What an origin may send for a picture is `Metered`'s to say. httpcore2 lends its exceptions, and the seam
between connections and the network.
"""

import contextlib

import h11
import httpcore2

from wire.outside.metered import Metered

PIECE = 256 * 1024  # bytes of one read; the meter grants fewer where a body is short of that
HEAD_AT_MOST = 100 * 1024  # bytes that h11 collects for a line's end; the meter stops before
SILENT = "Server disconnected without sending a response."


class Exchange:
    """Requests and answers on one stream, by turns.

    Args:
        stream: a new connection.
    """

    def __init__(self, stream: Metered) -> None:
        self._stream = stream
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_AT_MOST)
        self._doubtful = False
        self.kept = False

    async def ask(self, request: h11.Request, body: bytes = b"") -> h11.Response:
        """Send a request; the head of its answer.

        Raises:
            httpcore2.NetworkError, httpcore2.ProtocolError: there is none, or it breaks the rules.
            UpstreamProtocol: it goes on and on.
        """
        try:
            sent = self._h11.send(request) or b""
            if body:
                sent += self._h11.send(h11.Data(data=body)) or b""
            self._h11.send(h11.EndOfMessage())
        except h11.LocalProtocolError as error:
            raise httpcore2.LocalProtocolError(str(error)) from error
        with contextlib.suppress(httpcore2.WriteError):  # it may have answered before it hung up
            await self._stream.write(sent)
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                self._doubtful = _framed_twice(event)
                return event

    async def piece(self) -> bytes | bytearray | None:
        """What comes next of the answer's body; None at its end. Raises as `ask` does."""
        event = await self._event()
        return event.data if isinstance(event, h11.Data) else None

    def grant(self, content: int) -> None:
        """The answer's head is there; its body may take what content of so many bytes takes on the wire."""
        self._stream.grant(content)

    def renew(self) -> bool:
        """Whether another request may follow: the answer was read to its end, and there is no more than it.

        Used again in spite of that, the connection would take what is more for the answer to the next
        request: whoever can write into one answer of a host would write all of them.
        """
        if self._doubtful or (self._h11.our_state, self._h11.their_state) != (h11.DONE, h11.DONE):
            return False
        beyond, _ = self._h11.trailing_data
        if beyond or self._stream.unread():
            return False
        self._h11.start_next_cycle()
        self.kept = True
        return True

    def unread(self) -> bool:
        """Whether the origin has said something meanwhile, its farewell included."""
        return self._stream.unread()

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                raise httpcore2.RemoteProtocolError(str(error)) from error
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            data = await self._stream.read(PIECE)
            if not data and self._h11.their_state is h11.SEND_RESPONSE:
                raise httpcore2.RemoteProtocolError(SILENT)
            self._h11.receive_data(data)


def _framed_twice(head: h11.Response) -> bool:
    """Whether some other reader may see another end to this answer than h11: RFC 9112, 6.3."""
    names = {name for name, _ in head.headers}
    return b"content-length" in names and b"transfer-encoding" in names
