"""Runs the endpoint: a socket on 127.0.0.1, uvicorn, and an orderly end."""

import asyncio
import contextlib
import logging
import signal
import socket
import time
from pathlib import Path
from types import FrameType

import uvicorn

from local.sqs.app import ASGIApp, SqsApp
from local.sqs.broker import Broker
from local.sqs.checkpoint import Checkpointer
from local.sqs.database import Database
from local.sqs.handles import HandleCodec

HOST = "127.0.0.1"
# Longer than any pause of a client that polls, so that it rarely meets a connection being closed.
_KEEP_ALIVE_S = 300
_BACKLOG = 2048

log = logging.getLogger("local.sqs")


class SqsServer(uvicorn.Server):
    """On a signal, long polls are answered at once; uvicorn alone would wait for them to end."""

    def __init__(self, config: uvicorn.Config, broker: Broker) -> None:
        super().__init__(config)
        self._broker = broker
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._loop = asyncio.get_running_loop()
        if sockets:
            log.info("ready on http://%s:%d", *sockets[0].getsockname())

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._broker.drain)


def serve(port: int, folder: Path, region: str, rest_s: float) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes any free one.

    Raises FolderInUseError, and OSError where the port is taken.
    """
    with contextlib.closing(Database(folder)) as database, bound(port) as listener:
        broker = Broker(database, lambda: time.time_ns() // 1_000_000, rest_s)
        app = SqsApp(broker, HandleCodec(database.nonce), region)
        server = SqsServer(_config(app), broker)
        # uvicorn raises the signal that ended it once more when it is done; by then it is handled.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _ended)
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(_serve(server, listener, Checkpointer(database)))
    log.info("stopped")


async def _serve(server: SqsServer, listener: socket.socket, checkpointer: Checkpointer) -> None:
    checkpoints = asyncio.create_task(checkpointer.run())
    try:
        await server.serve(sockets=[listener])
    finally:
        checkpoints.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await checkpoints


def bound(port: int) -> socket.socket:
    """A socket bound to 127.0.0.1, not yet listening."""
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
