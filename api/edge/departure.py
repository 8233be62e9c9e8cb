"""When a connection is lost, for whoever answers the request on it: a future that costs no task."""

import asyncio
from collections.abc import Mapping
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

EXTENSION = "classifycloud.departure"  # of the ASGI scope


class Departure:
    """That of one connection's client, of whose requests one at a time is answered.

    Args:
        flow: the connection's; one that is not read from is not seen to be lost.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, flow: FlowControl) -> None:
        self._loop = loop
        self._flow = flow
        self._lost = False
        self._awaited: asyncio.Future[None] | None = None

    def awaited(self) -> asyncio.Future[None]:
        """A new future, done once the connection is lost, or already; whoever asked before has his answer."""
        self._flow.resume_reading()
        self._awaited = self._loop.create_future()
        if self._lost:
            self._awaited.set_result(None)
        return self._awaited

    def happened(self) -> None:
        """The connection is lost."""
        self._lost = True
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)


def of(scope: Mapping[str, Any]) -> Departure | None:
    """That of the connection that a request came by; None where the server does not tell."""
    departure: Departure | None = scope.get("extensions", {}).get(EXTENSION)
    return departure
