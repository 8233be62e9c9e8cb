# ruff: noqa: ARG002, ASYNC109 -- the signatures are those of httpcore2 and anyio
"""A TCP connection to an origin, with as little between the socket and the reader as will do.

anyio's own stream stops and starts the reading around every piece, and sets a timer for each; pieces of a
picture are many, and one time limit for the whole fetch is there already. TLS is anyio's, on top of this.
"""

import asyncio
import select
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import anyio
import httpcore2
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream

HIGH = 256 * 1024  # bytes that nobody has taken yet, beyond which no more are read
# The last, of a record that does not decrypt; of a certificate where hands are still shaken.
LOST = (anyio.BrokenResourceError, anyio.ClosedResourceError, ssl.SSLError)


class Line(asyncio.Protocol, ByteStream):
    """Both ends of asyncio's: a protocol below, a stream above. One reader at a time."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._at = 0  # bytes of the first piece that were taken
        self._size = 0
        self._paused = False
        self._over: Exception | None = None
        self._comes: asyncio.Future[None] | None = None
        self._look = select.poll()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by its class
        self._look.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._size > HIGH:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> None:
        self._over = self._over or anyio.EndOfStream()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._over is None:
            self._over = anyio.EndOfStream()
            if exc is not None:
                self._over = anyio.BrokenResourceError()
                self._over.__cause__ = exc
        self._wake()

    def unread(self) -> bool:
        """Whether anything was said that nobody has taken, the end included, here or in the kernel."""
        return bool(
            self._pieces or self._over or self._transport.is_closing() or self._look.poll(0)
        )

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """What comes next, up to so many bytes.

        Raises:
            anyio.EndOfStream: the other end has said all.
            anyio.BrokenResourceError, anyio.ClosedResourceError: the connection is no more.
        """
        while not self._pieces:
            if self._over is not None:
                raise self._over
            self._comes = asyncio.get_running_loop().create_future()
            try:
                await self._comes
            finally:
                self._comes = None
        return self._taken(max_bytes)

    async def send(self, item: bytes) -> None:
        """Hand a request to the kernel, or to the loop where it takes no more; raises as `receive` does."""
        if isinstance(self._over, anyio.ClosedResourceError):
            raise self._over
        if self._transport.is_closing():
            raise anyio.BrokenResourceError
        self._transport.write(item)

    async def send_eof(self) -> None:
        raise NotImplementedError  # asked for by neither HTTP nor TLS

    async def aclose(self) -> None:
        """Close it at once; what an origin still has to say is not waited for."""
        self._over = anyio.ClosedResourceError()
        self._pieces.clear()
        self._transport.abort()
        self._wake()

    @property
    def extra_attributes(self) -> Mapping[Any, Callable[[], Any]]:
        return {}

    def _taken(self, most: int) -> bytes:
        first = self._pieces[0]
        piece = first if len(first) <= most and not self._at else first[self._at : self._at + most]
        self._at += len(piece)
        if self._at == len(first):
            self._pieces.popleft()
            self._at = 0
        self._size -= len(piece)
        if self._paused and self._size <= HIGH // 2:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()
        return piece

    def _wake(self) -> None:
        if self._comes is not None and not self._comes.done():
            self._comes.set_result(None)


class Stream(httpcore2.AsyncNetworkStream):
    """A line, or TLS on one, as httpcore2 wants it. Time-outs are their caller's, around the whole fetch."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return await self._stream.receive(max_bytes)
        except anyio.EndOfStream:
            return b""
        except LOST as error:
            raise httpcore2.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            await self._stream.send(buffer)
        except (*LOST, anyio.EndOfStream) as error:
            raise httpcore2.WriteError(str(error)) from error

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises httpcore2.ConnectError, and with an SSLError as its cause where nothing is proven."""
        try:
            async with asyncio.timeout(timeout):
                return Stream(await _secured(self._stream, ssl_context, server_hostname))
        except BaseException as error:
            await self.aclose()
            if isinstance(error, TimeoutError):
                raise httpcore2.ConnectTimeout(str(error)) from error
            if isinstance(error, (*LOST, anyio.EndOfStream)):
                raise httpcore2.ConnectError(str(error)) from error
            raise


async def _secured(below: ByteStream, context: ssl.SSLContext, name: str | None) -> TLSStream:
    return await TLSStream.wrap(
        below, server_side=False, hostname=name, ssl_context=context, standard_compatible=False
    )


class Dial(httpcore2.AsyncNetworkBackend):
    """Connects to an address; names are looked up, and judged, elsewhere."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect within `timeout` seconds.

        Raises:
            httpcore2.ConnectError, httpcore2.ConnectTimeout: nobody answers there.
        """
        try:
            async with asyncio.timeout(timeout):
                loop = asyncio.get_running_loop()
                _, line = await loop.create_connection(Line, host, port)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return Stream(line)
