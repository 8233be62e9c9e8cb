"""One kept connection: a request out, its answer parsed by httptools.

A client library costs ten times the CPU, and would be what is measured.
"""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import httptools


class Broken(Exception):
    """The connection ended, or what came is no HTTP."""


@dataclass(slots=True)
class Reply:
    """An answer. `retry_after` is its header's text, empty when there is none."""

    status: int = 0
    retry_after: str = ""
    body: bytearray = field(default_factory=bytearray)


class Connection(asyncio.Protocol):
    """Asks one request after the other, never two at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._reply = Reply()
        self._waiting: asyncio.Future[Reply] | None = None
        self._framed = self._began = False
        self._transport: asyncio.Transport | None = None
        self.idle_since = 0.0
        self.usable = False

    async def ask(self, request: bytes) -> Reply:
        """Write the bytes of a request; its answer.

        Raises:
            Broken: there is none.
        """
        if self._transport is None or not self.usable:
            raise Broken("the connection is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            # Given up on: its answer would be taken for the next request's.
            if self._waiting is not None:
                self._waiting = None
                self.close()

    def close(self) -> None:
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by its class
        self.usable = True

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(Broken(f"no HTTP: {error}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        # Without a length, the end of the connection is the end of the body.
        if self._began and not self._framed and exc is None:
            self._answered()
        else:
            self._fail(Broken("the service hung up"))

    def on_message_begin(self) -> None:
        self._reply, self._framed, self._began = Reply(), False, False

    def on_header(self, name: bytes, value: bytes) -> None:
        match name.lower():
            case b"retry-after":
                self._reply.retry_after = value.decode("latin-1")
            case b"content-length" | b"transfer-encoding":
                self._framed = True

    def on_headers_complete(self) -> None:
        self._reply.status = self._parser.get_status_code()
        self._began = True

    def on_body(self, data: bytes) -> None:
        self._reply.body += data

    def on_message_complete(self) -> None:
        if self._reply.status < 200:  # 100 Continue and its like come before the answer
            return
        if not self._parser.should_keep_alive():
            self.usable = False
        self._answered()

    def _answered(self) -> None:
        waiting, self._waiting = self._waiting, None
        self._began = False
        if waiting is not None and not waiting.done():
            waiting.set_result(self._reply)

    def _fail(self, error: Broken) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)
