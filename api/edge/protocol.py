"""uvicorn's HTTP protocol with bounds: on the bytes and the time of a head, on what is pipelined, on
clients that do not read, on how many connections there are.

httptools has none: it collects a header of any length for as long as it takes to come.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from api import errors
from api.edge import departure, head
from api.edge.door import Door
from api.edge.headers import ALWAYS
from wire.errors import (
    HeadersTooLarge,
    InvalidRequest,
    Overloaded,
    RequestTimeout,
    ServiceError,
)

TAKEN = 16 * 1024
PIPELINED = 8  # requests that may wait behind the one that is being answered


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection may take. Sizes in bytes, times in seconds.

    `head` is the request line with all headers, `fields` how many of these there may be;
    `head_seconds` from a request's first byte, or the connection's begin, to the end of its head;
    `linger` how long the rest of a body is read and dropped once its request is answered;
    `stall` in which a client must take `TAKEN` bytes of an answer that does not fit its buffers.
    """

    head: int = 16 * 1024
    fields: int = 100
    head_seconds: float = 10.0
    linger: float = 5.0
    stall: float = 30.0


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A head out of bounds is answered in the service's error shape, and closed."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        door: Door,
        bounds: Bounds,
        refused: Callable[[ServiceError], None],
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._door = door
        self._bounds = bounds
        self._refused = refused
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._in_head = True  # what comes next belongs to a request's head
        self._told = self._fields = 0  # of this message, as its parser told
        self._moved = False
        self._untold = 0  # bytes in a row of which the parser told nothing
        self._fault: ServiceError | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._departure = departure.Departure(self.loop, self.flow)
        if self._door.enter(self):
            self._after(self._bounds.head_seconds, self._close)
        else:
            self._refuse(Overloaded())

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._unwatch()
        self._door.leave(self)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        self._departure.happened()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        # Line ends behind a request that is under way begin no other: `on_message_begin` tells what does.
        if self._in_head and self._timer is None and not self._under_way():
            self._after(self._bounds.head_seconds, self._on_late_head)
        self._moved = False
        super().data_received(data)
        self._untold = 0 if self._moved else self._untold + len(data)
        if self._untold > self._bounds.head and not self.transport.is_closing():
            self._refuse(HeadersTooLarge())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {departure.EXTENSION: self._departure}  # type: ignore[dict-item]
        self._told = self._fields = 0
        self._after(self._bounds.head_seconds, self._on_late_head)

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        self._count(len(name) + len(value) + 4)
        # What comes after a body is no header: whoever stands before us has not looked at it.
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._check(head.fault(self.parser.get_method(), self._version(), self.headers))
        self._check(InvalidRequest() if len(self.pipeline) >= PIPELINED else None)
        super().on_headers_complete()
        self._disarm()
        self._in_head = False
        self._moved = True
        self._door.busy(self)
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # there is no telling what comes next

    def on_body(self, body: bytes) -> None:
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._moved = True
        self._in_head = True
        super().on_message_complete()
        if self.cycle.response_complete:  # the rest of a body whose request had been answered
            self._disarm()
            self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_reading()
        elif self.cycle.response_complete:
            self._rest()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._unwatch()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        self._refuse(self._fault or InvalidRequest())

    def evict(self) -> None:
        """Make room for another connection."""
        self.transport.abort()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing is upgraded here, and anybody may ask: no line in the log for it."""

    def _under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _version(self) -> str:
        return str(self.parser.get_http_version())

    def _count(self, size: int) -> None:
        self._told += size
        over = self._told > self._bounds.head or self._fields > self._bounds.fields
        self._check(HeadersTooLarge() if over else None)

    def _check(self, fault: ServiceError | None) -> None:
        """Raised inside the parser, an error only says that there is one."""
        if fault is not None:
            self._fault = fault
            raise fault

    def _rest(self) -> None:
        """All that was asked is answered: wait for the end of a body, or for another request."""
        if self._in_head:
            self._door.idle(self)
            if self.timeout_keep_alive_task is None:
                self.timeout_keep_alive_task = self.loop.call_later(
                    self.timeout_keep_alive, self.timeout_keep_alive_handler
                )
        else:
            # Closed at once, the client might lose the answer, which says why no more is read.
            self._unset_keepalive_if_required()
            self._after(self._bounds.linger, self._close)

    def _on_late_head(self) -> None:
        if self.flow.read_paused:  # it is we who do not read
            self._after(self._bounds.head_seconds, self._on_late_head)
        else:
            self._refuse(RequestTimeout())

    def _watch_reading(self) -> None:
        if self._stall is None:
            self._expect_less(self.transport.get_write_buffer_size())

    def _expect_less(self, than: int) -> None:
        self._stall = self.loop.call_later(self._bounds.stall, self._on_stall, than)

    def _on_stall(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left > before - TAKEN:
            self.transport.abort()
        else:
            self._expect_less(left)

    def _unwatch(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _after(self, seconds: float, act: Any) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, act)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, error: ServiceError) -> None:
        """Answer the request that is being read with an error, and close.

        There is no answer where the client would take it for that to an earlier request, which is not
        answered yet, or where this one has had its answer already.
        """
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            due = self._in_head
        else:
            due = not (self._in_head or self.pipeline or cycle.response_started)
            cycle.disconnected = True
            cycle.message_event.set()
        self._refused(error)
        if due:
            self.transport.write(_written(error, self.server_state.default_headers))
        self._close()

    def _close(self) -> None:
        """Close, whether the client reads what is on its way to it or not."""
        if not self.transport.is_closing():
            self._disarm()
            self.transport.close()
            self._watch_reading()


def _written(error: ServiceError, defaults: list[tuple[bytes, bytes]]) -> bytes:
    body = errors.document(error)
    headers = [
        *defaults,
        *ALWAYS,
        *((name.lower().encode(), value.encode()) for name, value in errors.headers(error).items()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return STATUS_LINE[error.status] + lines + b"\r\n" + body
