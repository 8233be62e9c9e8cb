"""uvicorn, listening on a socket of ours and leaving the signals to us.

uvicorn's own shutdown first waits for open requests, which wait for answers: the drain has to come
before it.
"""

import asyncio
import contextlib
import functools
import os
import resource
import signal
from collections.abc import Callable, Iterator
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from api.edge.door import Door
from api.edge.protocol import BoundedProtocol, Bounds
from wire.errors import ServiceError

FLUSH = 5  # seconds for the last responses to be written out
OWN_FILES = 200  # descriptors that are no client's: the calls to AWS, the log, the libraries
# Seconds; more than the 150 for which load balancers in front keep a connection (deploy/templates/edge.yaml,
# deploy/nginx.conf), which else would send a request into one that is just being closed.
KEEP_ALIVE = 160


class Server(uvicorn.Server):
    """Serves one app until `should_exit`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: see `Signals`."""
        yield


def make(
    app: ASGIApp, door: Door, bounds: Bounds, refused: Callable[[ServiceError], None]
) -> Server:
    """The server around an app; `serve(sockets=[...])` runs it. `refused` hears of what never reaches it."""
    protocol = functools.partial(BoundedProtocol, door=door, bounds=bounds, refused=refused)
    return Server(
        uvicorn.Config(
            app,
            http=cast("type[BoundedProtocol]", protocol),
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            # X-Forwarded-For is read in api/limits/addresses.py, and only behind trusted proxies.
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=FLUSH,
        )
    )


def allow_files(connections: int) -> bool:
    """Let this process open as many files as it needs; whether the system grants them.

    A process that runs out accepts nobody any more, and reaches neither queue nor store.
    """
    needed = connections + OWN_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    granted = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
    if soft != resource.RLIM_INFINITY and soft < granted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
    return granted == needed


class Signals:
    """SIGTERM and SIGINT: the first asks for a shutdown, the same one again ends the process at once.

    Ctrl-C may bring SIGINT from the terminal and SIGTERM from a supervisor; together they ask once.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._seen: set[signal.Signals] = set()

    def install(self) -> None:
        """Take the signals over; needs a running loop in the main thread."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: signal.Signals) -> None:
        if number in self._seen:
            os._exit(128 + number)
        self._seen.add(number)
        self.asked.set()
