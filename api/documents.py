"""What the front end answers, as its OpenAPI document describes it."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from wire.errors import BY_CODE, Unauthorized
from wire.messages import ErrorBody, Label, Part, Timings

# Before a request has come to its route, and when nobody foresaw what happened in it.
EVERYWHERE = ("invalid_request", "request_timeout", "headers_too_large", "overloaded", "internal")
_EXAMPLE: dict[str, Any] = {
    "uuid": "0b2b6c0e-6f0c-4d0e-9a53-0d9a5a0f6d3f",
    "imageUrl": "https://example.com/cat.jpg",
    "result": "tabby, tabby cat",
    "labels": [{"name": "tabby, tabby cat", "classId": "n02123045", "confidence": 0.71}],
    "model": "tiny-inception",
    "modelVersion": "1",
    "timings": {
        "queueMs": 4.1,
        "fetchMs": 38.5,
        "decodeMs": 1.9,
        "inferenceMs": 6.2,
        "totalMs": 55.0,
    },
    "cached": False,
}


class Classified(Part):
    """What is in a picture. `result` is the name of the first label, the likeliest; null where
    `minConfidence`, `include` or `exclude` left none."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    uuid: str
    image_url: str = Field(description="the URL, or `upload:…` for a picture that came as bytes")
    result: str | None
    labels: tuple[Label, ...]
    model: str
    model_version: str
    timings: Timings
    cached: bool = Field(
        description="whether the labels are remembered ones; `timings` are then those of the work once done"
    )


class Activation(Part):
    """What came out of a layer: `values` in C order, to be given `shape`; null for what is no number."""

    uuid: str
    image_url: str
    model: str
    model_version: str
    layer: str
    shape: tuple[int, ...]
    dtype: Literal["float32"]
    values: tuple[float | None, ...]
    timings: Timings


class ErrorDetail(Part):
    """`code` never changes its meaning; `job` is the job's id where there is one."""

    code: str
    message: str
    job: str | None = None


class ErrorDocument(Part):
    """Every error has this shape."""

    error: ErrorDetail


class SeenThrough(Part):
    """A layer, and the shape of what came out of it. `GET /features/{uuid}` has the values."""

    layer: str
    shape: tuple[int, ...]
    dtype: str


class AtWork(Part):
    """Workers that work, and those that boot."""

    ready: int
    starting: int


class JobStatus(Part):
    """A job by its id; times are in seconds since the epoch."""

    uuid: str = Field(description="its id in logs, records and traces; asks for it as `id` does")
    id: str | None = Field(default=None, description="what its client calls it")
    status: Literal["queued", "running", "succeeded", "failed", "canceled", "expired"]
    image_url: str
    position: int | None = Field(
        default=None, description="while it is queued: how many jobs are ahead of it, at most"
    )
    estimate: float | None = Field(
        default=None, description="seconds until it is answered, workers that have to boot included"
    )
    workers: AtWork | None = Field(
        default=None, description="while it is queued: who is there for it"
    )
    submitted_at: float | None = None
    expires_at: float | None = Field(
        default=None, description="after this it is not worked any more, but `expired`"
    )
    retry_of: str | None = Field(default=None, description="the job that this one asks again")
    until: float | None = Field(
        default=None, description="when its answer can come no more, of a job that was waited for"
    )
    result: str | None = None
    labels: tuple[Label, ...] | None = None
    features: SeenThrough | None = None
    model: str | None = None
    model_version: str | None = None
    timings: Timings | None = None
    cached: bool | None = None
    error: ErrorBody | None = None


class ModelRow(Part):
    """A model that can be asked for. `input_size` is the side of the network's input in pixels.

    `share` is the part, 0 to 1, of the requests for this model that name no version which this one answers.
    `default` answers those that name no model either. `withdrawn` says why a version was taken back.
    """

    name: str
    version: str
    architecture: str
    classes: int
    input_size: int
    precision: str
    metrics: list[dict[str, Any]]
    default: bool
    share: float
    withdrawn: str | None = None


class ModelList(Part):
    """Every version of every model."""

    models: list[ModelRow]


def failures(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may fail with these codes, and with those that any may fail with:
    an example each, by status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in dict.fromkeys((*codes, *EVERYWHERE)):
        kind = BY_CODE[code]
        response = responses.setdefault(
            kind.status,
            {
                "model": ErrorDocument,
                "description": "",
                "content": {"application/json": {"examples": {}}},
            },
        )
        body = {"error": {"code": code, "message": kind.message, "job": None}}
        response["content"]["application/json"]["examples"][code] = {"value": body}
        response["description"] = ", ".join(response["content"]["application/json"]["examples"])
        if kind.retry_after is not None:
            response["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
        if kind is Unauthorized:
            response["headers"] = {"WWW-Authenticate": {"schema": {"const": "Bearer"}}}
    return responses
