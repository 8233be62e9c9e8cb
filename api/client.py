"""The other end of one request: told the job's id, and watched for leaving."""

from typing import Protocol

from starlette.requests import Request


class ClientGone(Exception):
    """The client closed the connection; nobody reads an answer any more."""


class Client(Protocol):
    """Whoever waits for an answer."""

    def carries(self, uuid: str) -> None:
        """From now on every error that this client gets names the job."""

    async def gone(self) -> None:
        """Return once the client has left."""


class HttpClient:
    """The client of an HTTP request; satisfies `Client`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def carries(self, uuid: str) -> None:
        self._request.state.job = uuid

    async def gone(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            continue
