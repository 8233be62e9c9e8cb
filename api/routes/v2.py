"""`/v2`: the Open Inference Protocol, for clients that speak it already."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.access.guard import REFUSALS, Guard
from api.direct import served_by
from api.replica import Replica
from api.routes.described import ANY, FETCHING
from api.v2.about import About
from api.v2.documents import (
    InferRequest,
    InferResponse,
    Live,
    ModelAbout,
    Ready,
    ServerAbout,
)
from api.v2.faults import V2Route, failures
from api.v2.inference import SCOPE, Inference
from api.v2.verdict import BINARY

PATH = "/v2"
MODEL = PATH + "/models/{model}"
VERSION = MODEL + "/versions/{version}"
GONE = ("queue_unavailable", "shutting_down")
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, Any] = {"requestBody": {"content": {BINARY: _BINARY}}}


def router(replica: Replica, inference: Inference, guard: Guard) -> APIRouter:
    """The routes of the protocol."""
    routes = APIRouter(tags=["v2"], route_class=V2Route)
    about = About(replica)
    _server(routes, about)
    _models(routes, about, guard)
    _inference(routes, inference, guard)
    return routes


def _server(routes: APIRouter, about: About) -> None:
    @routes.get(PATH, response_model=ServerAbout, responses=failures())
    @served_by(about.server)
    async def server() -> Response:
        """What this server is."""
        raise NotImplementedError

    @routes.get(f"{PATH}/health/live", response_model=Live, responses=failures())
    @served_by(about.live)
    async def live() -> Response:
        """The process lives."""
        raise NotImplementedError

    @routes.get(f"{PATH}/health/ready", response_model=Ready, responses=failures(*GONE))
    @served_by(about.ready)
    async def ready() -> Response:
        """As `/readyz`."""
        raise NotImplementedError


def _models(routes: APIRouter, about: About, guard: Guard) -> None:
    told: dict[str, Any] = {
        "responses": failures(*REFUSALS, "model_not_found", *GONE),
        "dependencies": [guard(SCOPE)],
    }

    @routes.get(MODEL, response_model=ModelAbout, **told)
    @served_by(about.model)
    async def model_metadata(model: str) -> Response:
        """A model's versions, inputs and outputs. A request names one of the inputs."""
        raise NotImplementedError

    @routes.get(VERSION, response_model=ModelAbout, **told)
    @served_by(about.model)
    async def version_metadata(model: str, version: str) -> Response:
        """The same, if there is this version."""
        raise NotImplementedError

    @routes.get(f"{MODEL}/ready", response_model=Ready, **told)
    @served_by(about.model_ready)
    async def model_ready(model: str) -> Response:
        """It can be asked for; workers load it when it is."""
        raise NotImplementedError

    @routes.get(f"{VERSION}/ready", response_model=Ready, **told)
    @served_by(about.model_ready)
    async def version_ready(model: str, version: str) -> Response:
        """The same of a version."""
        raise NotImplementedError


def _inference(routes: APIRouter, inference: Inference, guard: Guard) -> None:
    responses = failures(*FETCHING, *ANY)
    told: dict[str, Any] = {
        "response_model": InferResponse,
        "responses": responses,
        "dependencies": [guard(SCOPE)],
        "openapi_extra": BODY,
    }

    @routes.post(f"{MODEL}/infer", **told)
    @served_by(inference.infer)
    async def infer(model: str, asked: InferRequest) -> Response:
        """What is in these pictures? One of the inputs `image` (BYTES, encoded pictures; in JSON in base64),
        `url` (BYTES) and `pixels` (UINT8, [n, height, width, 3]), of at most 16 pictures.

        With `Inference-Header-Content-Length` the body is so many bytes of JSON and then the tensors that
        have a `binary_data_size`. Outputs: `label`, `class_id` and `confidence`, [n, k].
        """
        raise NotImplementedError

    @routes.post(f"{VERSION}/infer", **told)
    @served_by(inference.infer)
    async def infer_version(model: str, version: str, asked: InferRequest) -> Response:
        """The same, of this very version."""
        raise NotImplementedError
