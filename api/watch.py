"""Around every request: counts and times it, and turns what nobody foresaw into a 500 with its job's id."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.metrics import Metrics
from wire import log, tracing
from wire.errors import Internal

_log = log.get(__name__)


class Watch:
    """ASGI middleware; bare ASGI so that it costs no task and no queue on the way."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._metrics.clock()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _tell(scope)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _canceled():
                raise
            request = Request(scope)
            _log.exception("unexpected", job=getattr(request.state, "job", None))
            if status:
                raise  # half an answer is out: only a broken connection tells the client
            await errors.response(request, Internal())(scope, receive, watched)
        finally:
            code = scope.get("state", {}).get("code", "ok")
            self._metrics.request(_route(scope), status, code, self._metrics.clock() - began)


def _canceled() -> bool:
    """Whether this request itself is; otherwise what it waited for was, and nobody has foreseen that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _tell(scope: Scope) -> None:
    """Name the request's span, while it lasts: the framework ends it with the answer's last byte."""
    recorder = tracing.recording()
    if recorder is None:
        return
    state, route = scope.get("state", {}), _route(scope)
    recorder.name(f"{scope['method']} {route}")
    told = {"http.route": route, "code": state.get("code", "ok"), "job": state.get("job")}
    recorder.say({name: value for name, value in told.items() if value is not None})


def _route(scope: Scope) -> str:
    """The route's template: with the path itself, a scanner would make a time series each."""
    return str(getattr(scope.get("route"), "path", "none"))
