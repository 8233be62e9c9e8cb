"""Serves an ASGI application on 127.0.0.1 until SIGTERM or SIGINT, in order."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from types import FrameType
from typing import Any

import uvicorn

from wire.turns import take_long_ones

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

HOST = "127.0.0.1"
# Longer than any pause of a client that polls, so that it rarely meets a connection being closed.
_KEEP_ALIVE_S = 300
_BACKLOG = 2048


class Endpoint(uvicorn.Server):
    """One ASGI application on one socket.

    `on_exit` runs on the event loop as soon as a signal arrives: it must end what would keep
    requests open, for uvicorn waits for them. `log` says when the endpoint is ready and stopped.
    """

    def __init__(self, app: ASGIApp, log: logging.Logger, on_exit: Callable[[], None]) -> None:
        super().__init__(_config(app))
        self._log = log
        self._on_exit = on_exit
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._loop = asyncio.get_running_loop()
        for listener in sockets or ():
            self._log.info("ready on http://%s:%d", *listener.getsockname())

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_exit)

    def serve_until_signal(
        self, listener: socket.socket, background: Coroutine[Any, Any, None] | None = None
    ) -> None:
        """Serve on `listener`, with `background` beside it, until SIGTERM or SIGINT."""
        take_long_ones()
        # uvicorn raises the signal that ended it once more when it is done; by then it is handled.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _ended)
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self._serve_beside(listener, background))
        self._log.info("stopped")

    async def _serve_beside(
        self, listener: socket.socket, background: Coroutine[Any, Any, None] | None
    ) -> None:
        beside = asyncio.create_task(background) if background is not None else None
        try:
            await self.serve(sockets=[listener])
        finally:
            if beside is not None:
                beside.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await beside


def port_number(text: str) -> int:
    """A port as given on a command line; ValueError if it is none."""
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError(text)
    return port


def bound(port: int) -> socket.socket:
    """A socket bound to 127.0.0.1, not yet listening; port 0 takes any free one.

    Raises OSError where the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        backlog=_BACKLOG,
    )


def _ended(_signal: int, _frame: FrameType | None) -> None:
    """A signal that was dealt with."""
