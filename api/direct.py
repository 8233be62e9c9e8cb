"""Past the framework: what serves most requests reads them itself.

FastAPI takes the parameters of every request apart by reflection and asks each route whether it matches:
half of a refusal's CPU. Its routes stay what the OpenAPI document is made of.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.client import ClientGone
from wire.errors import ServiceError

Serve = Callable[[Request], Coroutine[Any, Any, Response]]
"""A request to its response; raises ServiceError for what is refused, ClientGone."""

F = TypeVar("F", bound=Callable[..., Awaitable[Response]])


@dataclass(frozen=True, slots=True)
class Way:
    """What serves a path; `path` is also its name in /metrics."""

    path: str
    serve: Serve


def served_by(serve: Serve) -> Callable[[F], F]:
    """Mark a route's function as one that describes: its parameters and its docstring are for the OpenAPI
    document, and `serve` does the work."""

    def mark(described: F) -> F:
        described.serve = serve  # type: ignore[attr-defined]
        return described

    return mark


class DirectRoute(APIRoute):
    """A route whose function is marked with `served_by`."""

    def get_route_handler(self) -> Serve:
        serve: Serve = self.endpoint.serve  # type: ignore[attr-defined]
        return serve


class Shortcut:
    """ASGI middleware: hands requests straight to what serves them, where there is a way by their method
    and path; all others go on to the app."""

    def __init__(self, app: ASGIApp, ways: Mapping[tuple[str, str], Way]) -> None:
        self._app = app
        self._ways = ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = self._ways.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if way is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = way
        request = Request(scope, receive, send)
        try:
            response = await way.serve(request)
        except ServiceError as error:
            response = errors.refused(request, error)
        except (ClientGone, ClientDisconnect):
            response = errors.left(request)
        await response(scope, receive, send)
