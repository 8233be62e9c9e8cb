"""uvicorn's HTTP protocol for small requests and answers of clients on this machine: a request is handed
over whole, an answer is written at once.

uvicorn's own streams both ways, times every connection and checks every header that an application of
its process gives it, which is half of what a call to the queue costs. Here no timer is needed: a client
on this machine that ends takes its connections with it.
"""

import asyncio
import logging
from collections import deque
from typing import Any, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from local.endpoint import Scope

log = logging.getLogger(__name__)

MOST = 16 * 1_048_576 + 1  # bytes of a body that are kept: enough to tell that it is too long
_BAD = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Exchange:
    """One request and its answer; `receive` and `send` are those of ASGI."""

    def __init__(self, line: "PlainHttp") -> None:
        self._line = line
        self.scope: Scope = {"type": "http", "server": line.server}
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.keep = True
        self.done = False
        self._asked = False
        self._gone: asyncio.Event | None = None
        self._head = b""

    async def receive(self) -> dict[str, Any]:
        """The whole body; then, once the client has gone, that it has."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        if not (self.done or self._line.lost):
            self._gone = asyncio.Event()
            await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """The head is held back until the first of the body comes."""
        if message["type"] == "http.response.start":
            lines = [b"%b: %b\r\n" % pair for pair in (*self._line.defaults, *message["headers"])]
            end = b"\r\n" if self.keep else b"connection: close\r\n\r\n"
            self._head = b"".join([STATUS_LINE[message["status"]], *lines, end])
            return
        body = b"" if self.scope["method"] == "HEAD" else message.get("body", b"")
        self._line.write(self._head + body)
        self._head, self.done = b"", not message.get("more_body", False)

    def abandoned(self) -> None:
        """The client has gone."""
        if self._gone is not None:
            self._gone.set()

    def give_up(self) -> None:
        """Write the head of an answer that gets no body."""
        self._line.write(self._head)


class PlainHttp(asyncio.Protocol):
    """One connection. Requests that come before the one under way is answered wait for that."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 -- uvicorn gives it
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._app = config.loaded_app
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._line: deque[Exchange] = deque()  # the first is under way
        self._pieces: list[bytes] = []
        self._closing = self.lost = False

    @property
    def defaults(self) -> list[tuple[bytes, bytes]]:
        """Headers of every answer."""
        return self._state.default_headers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by its class
        self.server = transport.get_extra_info("sockname")
        self._state.connections.add(self)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.lost = True
        self._state.connections.discard(self)
        for each in self._line:
            each.abandoned()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.shutdown()
        except httptools.HttpParserError:
            if not self._line:  # else it would be taken for the answer to the request under way
                self.write(_BAD)
            self._transport.close()

    def on_message_begin(self) -> None:
        self._next = Exchange(self)
        self._url, self._pieces, self._size = b"", [], 0

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._next.headers.append((name.lower(), value))

    def on_body(self, piece: bytes) -> None:
        if self._size < MOST:
            self._pieces.append(piece)
            self._size += len(piece)

    def on_message_complete(self) -> None:
        each, parser = self._next, self._parser
        path, _, query = self._url.partition(b"?")
        each.scope = {
            **each.scope,
            "method": parser.get_method().decode("ascii"),
            "path": path.decode("latin-1"),
            "query_string": query,
            "headers": each.headers,
        }
        each.body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        each.keep = parser.should_keep_alive()
        self._line.append(each)
        if len(self._line) == 1:
            self._start()

    def shutdown(self) -> None:
        """Close once nothing is under way; uvicorn asks for it at its end."""
        self._closing = True
        if not self._line:
            self._transport.close()

    def write(self, data: bytes) -> None:
        if not self.lost:
            self._transport.write(data)

    def _start(self) -> None:
        task = self._loop.create_task(self._serve(self._line[0]))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _serve(self, each: Exchange) -> None:
        try:
            await self._app(each.scope, each.receive, each.send)
        except Exception:
            log.exception("request failed")
        self._line.popleft()
        if not each.done:
            each.give_up()
        if self._closing or not (each.done and each.keep):
            self._transport.close()
        elif self._line:
            self._start()
