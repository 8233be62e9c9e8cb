"""A replica's life, from its first request to the last connection closed."""

import asyncio
import logging
import os
import socket

from api import bucket
from api.app import create_app
from api.edge import listener as listeners
from api.edge import server
from api.edge.door import Door
from api.edge.protocol import Bounds
from api.models import Models
from api.operate.history import History
from api.replica import Replica
from classifier.catalog import BUNDLED, DEFAULT, Catalog
from wire import log, tracing
from wire.aws import Aws
from wire.settings import ApiSettings
from wire.sqs import SqsQueues
from wire.store import S3Store

CLOSING = 3.0  # seconds for calls to AWS that are still open
# Answers, outcomes and chores each have a long poll open always; where a proxy is in the way, or while
# `wire.express` rests, each is in a thread, and one that waited for another's would keep answers for 20 s.
POLLS = 3
CALLS = 16
_log = log.get(__name__)


def reach(settings: ApiSettings) -> tuple[Aws, Aws]:
    """The ways to SQS and S3, each with its own threads: a store that hangs must not hold up queues."""
    return Aws(settings.region, POLLS, CALLS), Aws(settings.region, 1, CALLS)


async def run(settings: ApiSettings, listener: socket.socket) -> None:
    """Serve until a signal asks to stop."""
    signals = server.Signals()
    signals.install()
    aws, files = reach(settings)
    queues, store = SqsQueues(aws), S3Store(files, settings.bucket)
    catalog = Catalog(settings.models or BUNDLED, settings.model or DEFAULT)
    past = History(files, settings.deployment)
    replica = Replica(settings, queues, store, Models(catalog), past)
    replica.start()
    making = asyncio.create_task(bucket.ensure(store, settings.region))
    await _serve(replica, listener, signals)
    making.cancel()
    await _close(queues, aws, files)


async def _serve(replica: Replica, listener: socket.socket, signals: server.Signals) -> None:
    settings = replica.settings
    if not server.allow_files(settings.connections):
        _log.warning("too few file descriptors", needed_for=settings.connections)
    bounds = Bounds(head=settings.head_bytes, head_seconds=settings.head_seconds)
    door = Door(settings.connections)
    web = server.make(create_app(replica), door, bounds, replica.metrics.refuse)
    serving = asyncio.create_task(web.serve(sockets=[listener]))
    _log.info("listening", address=listeners.address(listener))
    asked = asyncio.create_task(signals.asked.wait())
    await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
    _log.info("shutting down", pending=len(replica.pending))
    await replica.stop()
    web.should_exit = True
    await serving
    _log.info("stopped")


async def _close(queues: SqsQueues, *clients: Aws) -> None:
    try:
        async with asyncio.timeout(CLOSING):
            await queues.close()
            for aws in clients:
                await aws.close()
    except TimeoutError:
        # The interpreter would join threads that wait for a dead endpoint; nothing is left to do.
        tracing.end()
        logging.shutdown()
        os._exit(0)
