"""The other end of one request: told the job's id, and watched for leaving."""

from collections.abc import Awaitable
from typing import Protocol

from starlette.requests import Request

from api.access.callers import Caller
from api.edge import departure


class ClientGone(Exception):
    """The client closed the connection; nobody reads an answer any more."""


class Client(Protocol):
    """Whoever waits for an answer. `group` is that of its messages."""

    @property
    def group(self) -> str | None: ...

    def carries(self, uuid: str) -> None:
        """From now on every error that this client gets names the job."""

    def replayed(self) -> None:
        """Its answer is one that was given before."""

    def gone(self) -> Awaitable[None]:
        """Done once the client has left."""


class HttpClient:
    """The client of an HTTP request; satisfies `Client`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @property
    def group(self) -> str | None:
        caller: Caller = self._request.state.caller
        return caller.group

    @property
    def name(self) -> str:
        """The client's, empty for somebody without a key."""
        caller: Caller = self._request.state.caller
        return caller.name

    def carries(self, uuid: str) -> None:
        self._request.state.job = uuid

    def replayed(self) -> None:
        self._request.state.replayed = True

    def gone(self) -> Awaitable[None]:
        leaving = departure.of(self._request.scope)
        return self._received() if leaving is None else leaving.awaited()

    async def _received(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            continue
