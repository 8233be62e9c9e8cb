"""`/models`: what can be asked for."""

from fastapi import APIRouter

from api.documents import ModelList
from api.models import Models


def router(models: Models) -> APIRouter:
    """The routes of `/models`."""
    routes = APIRouter(tags=["models"])

    @routes.get("/models")
    async def list_models() -> ModelList:
        """Every version of every model, with what was measured of it."""
        return ModelList(models=await models.rows())

    return routes
