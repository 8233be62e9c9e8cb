"""`/features`: a picture in, the activation of a layer out."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import Access, Guard
from api.activations import Activations, as_json, as_npy
from api.client import HttpClient
from api.direct import DirectRoute, served_by
from api.documents import Activation, failures
from api.errors import replay
from api.idempotency.keyed import Keyed
from api.routes.described import ANY, BODY, FETCHING, SCOPE, Key, Url
from api.routes.question import Question
from api.submit import Options, Submitter
from wire.errors import InvalidParameter
from wire.messages import NPY, Answer
from wire.store import Store

PATH = "/features"
LONGEST = 200  # characters of a layer's name
_LAYERS = ("no_layers", "layer_not_found", "activation_too_large")
VALUES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the activation, in C order",
        "content": {NPY: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _options(
    layer: Annotated[
        str,
        Query(
            description="its name; a wrong one is told those that there are",
            json_schema_extra={"minLength": 1, "maxLength": LONGEST},
        ),
    ],
    model: Annotated[str | None, Query(description="a name out of GET /models")] = None,
    model_version: Annotated[
        str | None, Query(alias="modelVersion", description="the latest when left out")
    ] = None,
    form: Annotated[
        Literal["json", "npy"] | None,
        Query(alias="format", description=f"`npy`, or `Accept: {NPY}`, for a file of NumPy's"),
    ] = None,
) -> None:
    """What `Wanted` reads, for the OpenAPI document."""


Asked = Annotated[None, Depends(_options)]


class Wanted(Question):
    """One request's parameters; `file` says whether it wants .npy."""

    __slots__ = ("file",)

    def __init__(self, request: Request) -> None:
        """Raises InvalidParameter: one is missing, or has a value that it may not have."""
        super().__init__(request)
        layer, form = self.given("layer"), self.given("format")
        if not layer or len(layer) > LONGEST:
            raise InvalidParameter(f"layer: name one, in at most {LONGEST} characters.")
        if form not in (None, "json", "npy"):
            raise InvalidParameter("format: json or npy.")
        self.file = wants_file(request, form)
        given = self.options
        self.options = Options(
            model=given.model, model_version=given.model_version, fresh=given.fresh, layer=layer
        )


def wants_file(request: Request, form: str | None) -> bool:
    """Whether .npy is to be answered: as the parameter says, or else the Accept header."""
    return form == "npy" or (form is None and NPY in request.headers.get("accept", ""))


class Reading:
    """Serves `/features`. Nothing of it is remembered: each request is a job."""

    def __init__(
        self,
        access: Access,
        submitter: Submitter,
        keyed: Keyed,
        store: Store,
    ) -> None:
        self._access = access
        self._submitter = submitter
        self._keyed = keyed
        self._activations = Activations(store)

    async def by_url(self, request: Request) -> Response:
        """`GET`."""
        client = self._admitted(request)
        asked = Wanted(request)
        url, options = asked.url(), asked.options
        if asked.key is None:
            answer = await self._submitter.by_url(url, options, client)
        else:
            answer = await self._keyed.by_url(client.name, asked.key, url, options, client)
        return await self._shown(request, asked, answer)

    async def by_bytes(self, request: Request) -> Response:
        """`POST`."""
        client = self._admitted(request)
        asked = Wanted(request)
        options = asked.options
        answer = await self._keyed.by_bytes(client.name, asked.key, request, options, client)
        return await self._shown(request, asked, answer)

    def _admitted(self, request: Request) -> HttpClient:
        request.state.caller = self._access.admit(request, SCOPE)
        return HttpClient(request)

    async def _shown(self, request: Request, asked: Wanted, answer: Answer) -> Response:
        file = await self._activations.file(answer)
        response = (as_npy if asked.file else as_json)(answer, file, replay(request))
        if asked.key is None:  # under a key it is kept for whoever asks again
            response.background = self._activations.after(answer)
        return response


def router(serving: Reading, guard: Guard) -> APIRouter:
    """The routes of `/features`."""
    routes = APIRouter(tags=["features"], dependencies=[guard(SCOPE)], route_class=DirectRoute)

    @routes.get(
        PATH, response_model=Activation, responses=VALUES | failures(*FETCHING, *ANY, *_LAYERS)
    )
    @served_by(serving.by_url)
    async def features_url(url: Url, options: Asked, key: Key = None) -> Response:
        """What does a layer of the model make of the picture under this URL?

        The activation in float32, at most 8 MB of it, as numbers or as a file of NumPy's. Every request is
        worked: nothing is remembered.
        """
        raise NotImplementedError

    @routes.post(
        PATH,
        response_model=Activation,
        responses=VALUES | failures(*ANY, *_LAYERS),
        openapi_extra=BODY,
    )
    @served_by(serving.by_bytes)
    async def features_bytes(options: Asked, key: Key = None) -> Response:
        """What does a layer of the model make of this picture? It comes as with `POST /classify`."""
        raise NotImplementedError

    return routes
