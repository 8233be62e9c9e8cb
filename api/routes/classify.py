"""`/classify`: a picture in, labels out. By its URL, or as bytes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import REFUSALS, Access, Guard
from api.body import JsonText
from api.client import HttpClient
from api.direct import DirectRoute, Way, served_by
from api.documents import Classified, failures
from api.errors import replay
from api.idempotency.keyed import Keyed
from api.idempotency.replays import HEADER, SYNTAX
from api.repeats.once import Asking
from api.routes.question import LEAST, MOST, TOP, Question
from api.submit import Submitter
from api.uploads import Uploads
from wire.keyring import Scope
from wire.messages import Answer

PATH = "/classify"
SCOPE: Scope = "classify"

ANY = (
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
FETCHING = (
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
BODY: dict[str, Any] = {
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


def _options(
    top: Annotated[int, Query(ge=LEAST, le=MOST, description="how many labels to give")] = TOP,
    model: Annotated[str | None, Query(description="a name out of GET /models")] = None,
    model_version: Annotated[
        str | None, Query(alias="modelVersion", description="the latest when left out")
    ] = None,
) -> None:
    """What `question` reads, for the OpenAPI document."""


Asked = Annotated[None, Depends(_options)]
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


class Classify:
    """Serves `/classify`, as its routes describe it."""

    def __init__(
        self, access: Access, asking: Asking, submitter: Submitter, uploads: Uploads, keyed: Keyed
    ) -> None:
        self._access = access
        self._asking = asking
        self._submitter = submitter
        self._uploads = uploads
        self._keyed = keyed

    async def by_url(self, request: Request) -> Response:
        """`GET`."""
        client = self._admitted(request)
        asked = Question(request)
        url, options = asked.url(), asked.options
        if asked.key is None:
            given = await self._asking.by_url(url, options, asked.wish, client)
            return _shown(request, given.answer, given.age)
        answer = await self._keyed.by_url(client.name, asked.key, url, options, client)
        return _shown(request, answer)

    async def by_bytes(self, request: Request) -> Response:
        """`POST`."""
        client = self._admitted(request)
        asked = Question(request)
        key, options = asked.key, asked.options
        if key is not None:
            answer = await self._keyed.by_bytes(client.name, key, request, options, client)
            return _shown(request, answer)
        self._submitter.admit(options, client.group)
        name = await self._uploads.keep(request, client.group)
        return _shown(request, await self._submitter.by_upload(name, options, client))

    def ways(self) -> dict[tuple[str, str], Way]:
        """Past the routes; uploads, which cost more by themselves, take those."""
        return {("GET", PATH): Way(PATH, self.by_url)}

    def _admitted(self, request: Request) -> HttpClient:
        request.state.caller = self._access.admit(request, SCOPE)
        return HttpClient(request)


def router(serving: Classify, guard: Guard) -> APIRouter:
    """The routes of `/classify`."""
    routes = APIRouter(tags=["classify"], dependencies=[guard(SCOPE)], route_class=DirectRoute)

    @routes.get(PATH, response_model=Classified, responses=failures(*FETCHING, *ANY))
    @served_by(serving.by_url)
    async def classify_url(url: Url, options: Asked, key: Key = None) -> Response:
        """What is in the picture under this URL? Waits for the answer, two minutes at most.

        The same question again within a minute gets the same answer, `cached: true`, and its `Age` in
        seconds; `Cache-Control: no-cache` has the picture fetched and classified anew.
        """
        raise NotImplementedError

    @routes.post(PATH, response_model=Classified, responses=failures(*ANY), openapi_extra=BODY)
    @served_by(serving.by_bytes)
    async def classify_bytes(options: Asked, key: Key = None) -> Response:
        """What is in this picture? Its bytes are the body, or the field `file` of a form.

        `curl -F file=@cat.jpg …/classify`, or `curl --data-binary @cat.jpg …/classify`. An empty
        body answers 415 as any other bytes that are no picture.
        """
        raise NotImplementedError

    return routes


def _shown(request: Request, answer: Answer, age: float | None = None) -> Response:
    headers = replay(request)
    if age is not None:
        headers["Age"] = str(int(age))
    return JsonText(answer.public_json(), headers=headers)
