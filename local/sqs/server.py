"""Wires the SQS endpoint: database, broker, application, server."""

import contextlib
import logging
import time
from pathlib import Path

from local.endpoint import Endpoint, bound
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
        broker = Broker(database, _now_ms, rest_s)
        app = SqsApp(broker, HandleCodec(database.nonce), region)
        # Long polls would keep uvicorn waiting for up to 20 s, so they are answered on the signal.
        endpoint = Endpoint(LoopbackOnly(app), log, on_exit=broker.drain)
        endpoint.serve_until_signal(listener, Checkpointer(database).run())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
