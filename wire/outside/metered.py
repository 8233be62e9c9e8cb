# ruff: noqa: ASYNC109 -- the signatures are those of httpcore2
"""A connection that reads no more than was granted, so that no origin makes us read for nothing.

Limits on pictures count what pictures are made of. This one counts what comes over the wire: heads of any
length, interim answers (100, 103) without end, chunks that are all framing.
"""

import ssl

import httpcore2

from wire.errors import UpstreamProtocol
from wire.outside.unread import unread

HEAD = 32 * 1024  # bytes of status line and headers, interim answers included
FRAMING = 16 * 1024  # bytes that a body may have around its content, beside an eighth of that


class Metered(httpcore2.AsyncNetworkStream):
    """A stream between an exchange and the network. Each request begins with a grant for its head."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._taken = 0
        self._granted = HEAD
        self._used = False

    def grant(self, content: int) -> None:
        """The head is there; so much of the content was read so far."""
        self._granted = HEAD + FRAMING + content + content // 8

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is, up to the grant.

        Raises:
            UpstreamProtocol: all that was granted has been read.
            httpcore2.ReadError, httpcore2.ReadTimeout: as the network has it.
        """
        room = self._granted - self._taken
        if room <= 0:
            raise UpstreamProtocol
        data = await self._stream.read(min(max_bytes, room), timeout)
        self._taken += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send a request, whose answer is counted from here.

        Raises:
            httpcore2.ReadError: the connection was used before, and has something to say already.
            httpcore2.WriteError, httpcore2.WriteTimeout: as the network has it.
        """
        if not buffer:  # the body that a GET has not
            return
        if self._used and unread(self._stream):
            raise httpcore2.ReadError("said unasked")
        self._used = True
        self._taken, self._granted = 0, HEAD
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "Metered":
        """The same, with TLS below: plain bytes are counted."""
        return Metered(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def unread(self) -> bool:
        """Whether the origin has said something that nobody has read, its end included."""
        return unread(self._stream)
