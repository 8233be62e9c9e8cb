"""`/jobs/{id}/results`: of bulk jobs, which are otherwise asked for as all jobs are (`api.routes.jobs`)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import REFUSALS, Guard
from api.bulk.desk import BulkDesk
from api.documents import failures

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a line a row, once, in the order in which they were asked for",
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def router(desk: BulkDesk, guard: Guard) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["jobs"], dependencies=[guard("jobs")])

    @routes.get(
        "/jobs/{id}/results",
        response_class=Response,
        responses=FILE
        | failures(*REFUSALS, "overloaded", "job_not_found", "job_unfinished", "invalid_parameter"),
    )
    async def results(
        request: Request,
        id: str,  # noqa: A002
        form: Annotated[Literal["jsonl", "parquet"], Query(alias="format")] = "jsonl",
        partial: Annotated[
            bool, Query(description="what there is before the job's end, as lines")
        ] = False,
    ) -> Response:
        """The results of a bulk job that has ended. Which formats there are its status says."""
        return await desk.results(request, id, form, partial)

    return routes
