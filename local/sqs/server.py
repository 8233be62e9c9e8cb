"""Wires the SQS endpoint: database, broker, application, server."""

import contextlib
import logging
import socket
import time
from pathlib import Path

from local.endpoint import ASGIApp, Endpoint, bound
from local.guard import LoopbackOnly
from local.sqs.app import SqsApp
from local.sqs.broker import Broker
from local.sqs.checkpoint import Checkpointer
from local.sqs.database import Database
from local.sqs.handles import HandleCodec

log = logging.getLogger("local.sqs")


def serve(port: int, folder: Path, region: str, rest_s: float) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes any free one.

    Raises FolderInUseError, and OSError where the port is taken.
    """
    with contextlib.closing(Database(folder)) as database, bound(port) as listener:
        broker = Broker(database, now_ms, rest_s)
        app = SqsApp(broker, HandleCodec(database.nonce), region)
        run(app, broker, database, listener)


def run(app: ASGIApp, broker: Broker, database: Database, listener: socket.socket) -> None:
    """Serve the application until SIGTERM or SIGINT."""
    # Long polls would keep uvicorn waiting for up to 20 s, so they are answered on the signal.
    endpoint = Endpoint(LoopbackOnly(app), log, on_exit=broker.drain)
    endpoint.serve_until_signal(listener, Checkpointer(database).run())


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
