"""Wires the SQS endpoint: database, broker, application, server."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from local.endpoint import ASGIApp, Endpoint, bound
from local.guard import LoopbackOnly
from local.sqs.app import SqsApp
from local.sqs.broker import Broker
from local.sqs.checkpoint import Checkpointer
from local.sqs.database import Database
from local.sqs.flush import Flusher
from local.sqs.handles import HandleCodec

log = logging.getLogger("local.sqs")


def serve(
    port: int, folder: Path, region: str, rest_s: float, flush_s: float | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes any free one.

    What was written is on the disk after `flush_s` seconds, or whenever the kernel sees fit.

    Raises FolderInUseError, and OSError where the port is taken.
    """
    with contextlib.closing(Database(folder)) as database, bound(port) as listener:
        broker = Broker(database, now_ms, rest_s)
        app = SqsApp(broker, HandleCodec(database.nonce), region)
        run(app, broker, database, listener, flush_s)


def run(
    app: ASGIApp,
    broker: Broker,
    database: Database,
    listener: socket.socket,
    flush_s: float | None = None,
) -> None:
    """Serve the application until SIGTERM or SIGINT."""
    # Long polls would keep uvicorn waiting for up to 20 s, so they are answered on the signal.
    endpoint = Endpoint(LoopbackOnly(app), log, on_exit=broker.drain)
    flushing = [] if flush_s is None else [Flusher(database, flush_s).run()]
    endpoint.serve_until_signal(listener, _together(Checkpointer(database).run(), *flushing))


async def _together(*each: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in each:
            group.create_task(one)


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
