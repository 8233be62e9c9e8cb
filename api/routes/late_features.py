"""`/features/{uuid}`: an activation that came after its client had left."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import REFUSALS, Guard
from api.activations import Activations, as_json, as_npy
from api.client import HttpClient
from api.documents import Activation, failures
from api.lookup import Lookup
from api.routes.features import VALUES, wants_file
from wire.store import Store


def router(lookup: Lookup, store: Store, guard: Guard) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["features"], dependencies=[guard("jobs")])
    activations = Activations(store)

    @routes.get(
        "/features/{uuid}",
        response_model=Activation,
        responses=VALUES | failures(*REFUSALS, "invalid_parameter", "job_not_found"),
    )
    async def late_features(
        request: Request,
        uuid: str,
        form: Annotated[Literal["json", "npy"] | None, Query(alias="format")] = None,
    ) -> Response:
        """The activation of a job whose client got a 504 or 503 with this id; it is kept for a day."""
        answer = await lookup.features(uuid, HttpClient(request).name)
        file = await activations.file(answer)
        return (as_npy if wants_file(request, form) else as_json)(answer, file, {})

    return routes
