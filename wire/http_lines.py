"""HTTP/1.1 to one host over the event loop: connections that are kept, one request on each at a time.

Parsed by httptools, which uvicorn uses too. No redirects, no retries, no proxies: whoever needs these has
a client that does more.
"""

import asyncio
import select
import socket
import ssl
from collections import deque
from typing import NamedTuple, cast
from weakref import WeakKeyDictionary

import httptools

IDLE = (
    30.0  # seconds that a connection is kept; firewalls forget without a word those that are older
)
UNHEARD = 15_000  # milliseconds that what was sent may go without an acknowledgement
_FINAL = 200  # statuses below it announce another answer to the same request (RFC 9110, 15.2)


class Reply(NamedTuple):
    """An answer, whole. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class BrokenOff(ConnectionError):
    """The connection ended, or made no sense, before the answer was whole."""


class NotReached(ConnectionError):
    """There was no connection in time: nothing has been sent."""


class _Line(asyncio.Protocol):
    """One connection. It ends with the first byte that nobody asked for: who could tell whose it is?"""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._awaited: asyncio.Future[Reply] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    @property
    def reusable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def silent(self) -> bool:
        """Whether nothing lies there that the event loop has not come to reading, its end included."""
        if self._transport is None:
            return False
        unread = select.poll()
        unread.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not unread.poll(0)

    async def ask(self, request: bytes) -> Reply:
        """Raises BrokenOff."""
        if self._transport is None or self._transport.is_closing():
            raise BrokenOff
        self._awaited = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._awaited
        finally:
            self._awaited = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        _watch(transport.get_extra_info("socket"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc)

    def data_received(self, data: bytes) -> None:
        if not self._open:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)
            self.close()

    def on_message_begin(self) -> None:
        self._headers, self._body = {}, []
        if not self._open:
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < _FINAL:
            return
        if not self._parser.should_keep_alive():
            self.close()
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(Reply(status, self._headers, b"".join(self._body)))

    @property
    def _open(self) -> bool:
        """Whether an answer is awaited that has not come."""
        return self._awaited is not None and not self._awaited.done()

    def _fail(self, error: Exception | None) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_exception(BrokenOff(repr(error)))


class _Kept(NamedTuple):
    line: _Line
    since: float


class Lines:
    """The connections to one host; as many as there are requests at once.

    Args:
        host, port: where to.
        tls: None for plain HTTP.
        connecting: seconds that a connection may take.
        answering: seconds that an answer may take, a long poll's wait included.
    """

    def __init__(
        self, host: str, port: int, tls: ssl.SSLContext | None, connecting: float, answering: float
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._connecting = connecting
        self._answering = answering
        # A connection belongs to the event loop that made it.
        self._idle: WeakKeyDictionary[asyncio.AbstractEventLoop, deque[_Kept]] = WeakKeyDictionary()

    async def ask(self, request: bytes) -> Reply:
        """Send the bytes of a request; its answer.

        Raises:
            TimeoutError: it was sent, and no answer came in time.
            OSError: it could not be sent (NotReached if that took too long), or the answer broke off
                (BrokenOff).
        """
        line = self._kept() or await self._opened()
        try:
            async with asyncio.timeout(self._answering):
                reply = await line.ask(request)
        except TimeoutError:
            line.close()
            self.close()  # what ails one of them ails the others that were open then
            raise
        except BaseException:
            line.close()
            raise
        if line.reusable:
            self._here().append(_Kept(line, asyncio.get_running_loop().time()))
        return reply

    def close(self) -> None:
        """Let the connections go that are kept for this event loop."""
        idle = self._here()
        while idle:
            idle.pop().line.close()

    def _here(self) -> deque[_Kept]:
        return self._idle.setdefault(asyncio.get_running_loop(), deque())

    def _kept(self) -> _Line | None:
        idle, now = self._here(), asyncio.get_running_loop().time()
        while idle and (now - idle[0].since > IDLE or not idle[0].line.reusable):
            idle.popleft().line.close()
        while idle:
            line = idle.pop().line
            if line.reusable and line.silent:
                return line
            line.close()
        return None

    async def _opened(self) -> _Line:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connecting):
                _, line = await loop.create_connection(_Line, self._host, self._port, ssl=self._tls)
        except TimeoutError as error:
            raise NotReached(f"{self._host}:{self._port}") from error
        return line


def _watch(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD)
