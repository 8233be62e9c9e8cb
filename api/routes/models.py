"""`/models`: what can be asked for."""

from fastapi import APIRouter

from api.access.guard import REFUSALS, Guard
from api.documents import ModelList, failures
from api.models import Models


def router(models: Models, guard: Guard) -> APIRouter:
    """The routes of `/models`."""
    routes = APIRouter(tags=["models"], dependencies=[guard("classify")])

    @routes.get("/models", responses=failures(*REFUSALS))
    async def list_models() -> ModelList:
        """Every version of every model, with what was measured of it."""
        return ModelList(models=await models.rows())

    return routes
