"""HTTP/1.1 to one host over the event loop: connections that are kept, one request on each at a time.

Parsed by httptools, which uvicorn uses too. No redirects, no retries, no proxies: whoever needs these has
a client that does more.
"""

import asyncio
import ssl
from typing import NamedTuple, cast

import httptools


class Reply(NamedTuple):
    """An answer, whole. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class BrokenOff(ConnectionError):
    """The connection ended, or made no sense, before the answer was whole."""


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._awaited: asyncio.Future[Reply] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    @property
    def reusable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

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

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)
            self.close()

    def on_message_begin(self) -> None:
        self._headers, self._body = {}, []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        if self._awaited is not None and not self._awaited.done():
            status = self._parser.get_status_code()
            self._awaited.set_result(Reply(status, self._headers, b"".join(self._body)))

    def _fail(self, error: Exception | None) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_exception(BrokenOff(repr(error)))


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
        self._idle: list[_Line] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, request: bytes) -> Reply:
        """Send the bytes of a request; its answer.

        Raises:
            TimeoutError: it took too long.
            OSError: it could not be sent, or the answer broke off (BrokenOff).
        """
        line = self._kept() or await self._opened()
        try:
            async with asyncio.timeout(self._answering):
                reply = await line.ask(request)
        except BaseException:
            line.close()
            raise
        if line.reusable:
            self._idle.append(line)
        return reply

    def close(self) -> None:
        """Let the kept connections go."""
        for line in self._idle:
            line.close()
        self._idle.clear()

    def _kept(self) -> _Line | None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._idle, self._loop = [], loop
        while self._idle:
            line = self._idle.pop()
            if line.reusable:
                return line
        return None

    async def _opened(self) -> _Line:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._connecting):
            _, line = await loop.create_connection(_Line, self._host, self._port, ssl=self._tls)
        return line
