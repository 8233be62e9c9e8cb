"""Errors as this protocol has them: `{"error": "code: message"}`, with our status and our headers."""

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import errors
from api.body import JsonText
from api.direct import DirectRoute
from api.documents import EVERYWHERE
from api.v2.documents import Fault
from wire.errors import BY_CODE, ServiceError


class V2Route(DirectRoute):
    """A route whose errors have this protocol's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        serve = super().get_route_handler()

        async def served(request: Request) -> Response:
            try:
                return await serve(request)
            except ServiceError as error:
                return shaped(request, error)

        return served


def shaped(request: Request, error: ServiceError) -> Response:
    """The error as this request's client reads it; logged and counted as every other."""
    said = errors.refused(request, error)
    job = getattr(request.state, "job", None)
    text = f"{error.code}: {error.public}" + (f" (job {job})" if job else "")
    body = Fault(error=text).model_dump_json().encode()
    return JsonText(body, said.status_code, errors.headers(error))


def failures(*codes: str) -> dict[int | str, dict[str, Any]]:
    """As `api.documents.failures`, in this shape."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in dict.fromkeys((*codes, *EVERYWHERE)):
        kind = BY_CODE[code]
        examples: dict[str, Any] = {}
        made = {
            "model": Fault,
            "description": "",
            "content": {"application/json": {"examples": examples}},
        }
        response = responses.setdefault(kind.status, made)
        examples = response["content"]["application/json"]["examples"]
        examples[code] = {"value": {"error": f"{code}: {kind.message}"}}
        response["description"] = ", ".join(examples)
    return responses
