"""What routes that take pictures have in common, as the OpenAPI document says it."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query
from pydantic import Field

from api.access.guard import REFUSALS
from api.documents import JobStatus
from api.idempotency.replays import HEADER, SYNTAX
from api.jobs.prefer import HEADER as PREFER
from api.routes.question import LEAST, MOST, TOP
from wire.keyring import Scope
from wire.sieve import LONGEST
from wire.sieve import MOST as MOST_TERMS

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
# What a request that prefers not to wait may be answered beside.
BY_JOB = ("job_exists", "job_canceled")
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "when to look again"}}
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": JobStatus,
        "description": "taken on; `Location` is where to ask for it",
        "headers": {"Location": {"schema": {"type": "string"}}, **_RETRY},
    }
}
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


TERM = "names or class ids; once for each, for a name may hold commas"
Term = Annotated[str, Field(min_length=1, max_length=LONGEST)]


def _options(
    top: Annotated[int, Query(ge=LEAST, le=MOST, description="how many labels to give")] = TOP,
    model: Annotated[str | None, Query(description="a name out of GET /models")] = None,
    model_version: Annotated[
        str | None, Query(alias="modelVersion", description="the latest when left out")
    ] = None,
    min_confidence: Annotated[
        float, Query(alias="minConfidence", ge=0, le=1, description="no label is less likely")
    ] = 0.0,
    include: Annotated[
        list[Term] | None, Query(max_length=MOST_TERMS, description=f"only these labels: {TERM}")
    ] = None,
    exclude: Annotated[
        list[Term] | None, Query(max_length=MOST_TERMS, description=f"none of these labels: {TERM}")
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


Prefer = Annotated[
    str | None,
    Header(
        alias=PREFER,
        description="`respond-async`: 202 and a job at once; `wait=N`: after N seconds without an answer",
        examples=["respond-async", "wait=10"],
    ),
]
