"""`/classify`: a picture in, labels out. By its URL, or as bytes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import REFUSALS, Guard
from api.body import Json
from api.client import HttpClient
from api.documents import Classified, failures
from api.errors import replay
from api.idempotency.keyed import Keyed
from api.idempotency.replays import HEADER, SYNTAX, checked
from api.submit import Options, Submitter
from api.uploads import Uploads
from wire.messages import Answer

_ANY = (
    *REFUSALS,
    "invalid_parameter",
    "model_not_found",
    "job_expired",
    "too_many_pixels",
    "body_too_large",
    "unsupported_format",
    "invalid_image",
    "decoder_crashed",
    "worker_crashed",
    "internal",
    "overloaded",
    "shutting_down",
    "timed_out",
    "fetch_timeout",
    "request_timeout",
    "idempotency_mismatch",
)
_FETCHING = (
    "invalid_url",
    "unsupported_scheme",
    "credentials_in_url",
    "blocked_address",
    "blocked_port",
    "upstream_unreachable",
    "upstream_status",
    "upstream_protocol",
    "too_many_redirects",
    "incomplete_body",
)
_PICTURE = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": _PICTURE},
                    "additionalProperties": False,
                }
            },
            "image/*": {"schema": _PICTURE},
            "application/octet-stream": {"schema": _PICTURE},
        },
    }
}


async def _options(
    top: Annotated[int, Query(ge=1, le=1000, description="how many labels to give")] = 5,
    model: Annotated[str | None, Query(description="a name out of GET /models")] = None,
    model_version: Annotated[
        str | None, Query(alias="modelVersion", description="the latest when left out")
    ] = None,
) -> Options:
    return Options(top, model, model_version)


Asked = Annotated[Options, Depends(_options)]
Url = Annotated[
    str,
    Query(
        description="where the picture is: http or https, on a public address",
        examples=["https://example.com/cat.jpg"],
        # Told, not checked here: what is wrong with a URL has codes of its own.
        json_schema_extra={
            "format": "uri",
            "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
            "maxLength": 2048,
        },
    ),
]


Key = Annotated[
    str | None,
    Header(
        alias=HEADER,
        pattern=SYNTAX,
        description="makes a repeat safe: within 24 h the same key gets the first answer and no second job",
    ),
]


async def _key(request: Request, _declared: Key = None) -> str | None:
    return checked(request.headers.getlist(HEADER))


Keys = Annotated[str | None, Depends(_key)]


def router(submitter: Submitter, uploads: Uploads, keyed: Keyed, guard: Guard) -> APIRouter:
    """The routes of `/classify`."""
    routes = APIRouter(tags=["classify"], dependencies=[guard("classify")])

    @routes.get("/classify", response_model=Classified, responses=failures(*_FETCHING, *_ANY))
    async def classify_url(request: Request, url: Url, options: Asked, key: Keys) -> Response:
        """What is in the picture under this URL? Waits for the answer, two minutes at most."""
        client = HttpClient(request)
        if key is None:
            return _shown(request, await submitter.by_url(url, options, client))
        return _shown(request, await keyed.by_url(client.name, key, url, options, client))

    @routes.post(
        "/classify", response_model=Classified, responses=failures(*_ANY), openapi_extra=_BODY
    )
    async def classify_bytes(request: Request, options: Asked, key: Keys) -> Response:
        """What is in this picture? Its bytes are the body, or the field `file` of a form.

        `curl -F file=@cat.jpg …/classify`, or `curl --data-binary @cat.jpg …/classify`. An empty
        body answers 415 as any other bytes that are no picture.
        """
        client = HttpClient(request)
        if key is not None:
            return _shown(request, await keyed.by_bytes(client.name, key, request, options, client))
        submitter.admit(options, client.group)
        name = await uploads.keep(request, client.group)
        return _shown(request, await submitter.by_upload(name, options, client))

    return routes


def _shown(request: Request, answer: Answer) -> Response:
    return Json(answer.public(), headers=replay(request))
