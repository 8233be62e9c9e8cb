"""One connection to an origin, and one request on it after another.

What an origin may send for a picture is `Metered`'s to say. httpcore2 lends its exceptions, and the seam
between connections and the network.
"""

import contextlib

import httpcore2

from wire.outside.answers import PIECE, Answer, Parsed, Sized
from wire.outside.metered import Metered
from wire.outside.plain import Head, plain


class Exchange:
    """Requests and answers on one stream, by turns.

    Args:
        stream: a new connection.
    """

    def __init__(self, stream: Metered) -> None:
        self._stream = stream
        self._answer: Answer | None = None
        self.kept = False

    async def ask(self, request: bytes) -> Head:
        """Send a request, its body included; the head of its answer.

        Args:
            request: a GET or a POST, see `wire.outside.request`.

        Raises:
            httpcore2.NetworkError, httpcore2.ProtocolError: there is none, or it breaks the rules.
            UpstreamProtocol: it goes on and on.
        """
        with contextlib.suppress(httpcore2.WriteError):  # it may have answered before it hung up
            await self._stream.write(request)
        data = await self._stream.read(PIECE)
        found = plain(data)
        self._answer = (
            Parsed(self._stream, data) if found is None else Sized(self._stream, found, data)
        )
        return await self._answer.head()

    async def piece(self) -> bytes | bytearray | None:
        """What comes next of the answer's body; None at its end. Raises as `ask` does."""
        return None if self._answer is None else await self._answer.piece()

    def grant(self, content: int) -> None:
        """The answer's head is there; its body may take what content of so many bytes takes on the wire."""
        self._stream.grant(content)

    def renew(self) -> bool:
        """Whether another request may follow: the answer was read to its end, and there is no more than it.

        Used again in spite of that, the connection would take what is more for the answer to the next
        request: whoever can write into one answer of a host would write all of them.
        """
        if self._answer is None or not self._answer.is_over() or self._stream.unread():
            return False
        self._answer = None
        self.kept = True
        return True

    def unread(self) -> bool:
        """Whether the origin has said something meanwhile, its farewell included."""
        return self._stream.unread()

    async def aclose(self) -> None:
        await self._stream.aclose()
