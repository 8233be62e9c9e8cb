"""Every error in one shape: `{"error": {"code", "message", "job"}}`, with its status and Retry-After."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from api.body import JsonText
from api.client import ClientGone
from api.documents import ErrorDetail, ErrorDocument
from wire import log
from wire.errors import InvalidParameter, InvalidUrl, ServiceError, Unauthorized
from wire.redact import shortened

# No limit bounds how many of these there are, and a line in a log costs money; they are counted.
LOGGED = 200  # characters of a path: all of every path that there is, and enough of one that there is not
CLIENT_GONE = 499  # nginx's number for it; it is counted, and nobody reads it
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_FRAMEWORK = {404: "not_found", 405: "method_not_allowed"}
REPLAYED = "Idempotency-Replayed"
_log = log.get(__name__)


def install(app: FastAPI) -> None:
    """Let the app answer every error in the service's shape."""
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(ClientGone, _on_gone)
    app.add_exception_handler(ClientDisconnect, _on_gone)


def response(request: Request, error: ServiceError) -> Response:
    """The error as this request's client reads it."""
    said = headers(error) | replay(request)
    return _shaped(request, error.status, error.code, error.public, said)


def document(error: ServiceError, job: str | None = None) -> bytes:
    """The error's body as it is sent."""
    return _written(error.code, error.public, job) + b"\n"


def headers(error: ServiceError) -> dict[str, str]:
    """The error's own headers."""
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": "Bearer"}
    return {} if error.retry_in is None else {"Retry-After": str(error.retry_in)}


def replay(request: Request) -> dict[str, str]:
    """What marks an answer that was given before."""
    return {REPLAYED: "true"} if getattr(request.state, "replayed", False) else {}


def invalid(faults: Sequence[Mapping[str, Any]]) -> ServiceError:
    """The framework's findings as one of ours: the first fault decides, its parameter is named."""
    where, reason = faults[0]["loc"], faults[0]["msg"]
    name = str(where[-1])
    if name == "url":
        return InvalidUrl()
    return InvalidParameter(f"{name}: {reason}.")


def refused(request: Request, error: ServiceError) -> Response:
    """The same, logged where it is worth that."""
    return _logged(request, response(request, error))


def left(request: Request) -> Response:
    """For a client that is gone: it is counted, and read by nobody."""
    request.state.code = "client_gone"
    return Response(status_code=CLIENT_GONE)


async def _on_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101
    return refused(request, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return _logged(request, response(request, invalid(error.errors())))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _FRAMEWORK.get(error.status_code, InvalidParameter.code)
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return _logged(request, _shaped(request, error.status_code, code, f"{error.detail}.", headers))


def _allowed(request: Request) -> str:
    """Every method of this path: the framework names those of the first route that it finds."""
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    routes = request.app.routes
    found = [m for m in METHODS if any(r.matches(scopes[m])[0] is Match.FULL for r in routes)]
    return ", ".join(found)


async def _on_gone(request: Request, _error: Exception) -> Response:
    return left(request)


def _logged(request: Request, refusal: Response) -> Response:
    code, job = request.state.code, getattr(request.state, "job", None)
    # What is refused before there is a job has no bound: a line each would be paid for by its writer's
    # victim. /metrics counts it by code.
    say: Callable[..., None] = _log.debug if job is None else _log.info
    if refusal.status_code >= 500:
        say = _log.warning
    path = shortened(request.scope["path"], LOGGED)
    say("refused", status=refusal.status_code, code=code, job=job, path=path)
    return refusal


def _shaped(
    request: Request, status: int, code: str, message: str, headers: Mapping[str, str] | None
) -> Response:
    job = getattr(request.state, "job", None)
    request.state.code = code
    text = _text(code, message) if job is None else _written(code, message, job)
    return JsonText(text, status, headers)


def _written(code: str, message: str, job: str | None = None) -> bytes:
    detail = ErrorDetail(code=code, message=message, job=job)
    return ErrorDocument(error=detail).model_dump_json(by_alias=True).encode()


# Most of those who are refused are refused alike, and often.
_text = functools.lru_cache(256)(_written)
