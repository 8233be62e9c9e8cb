"""`/jobs`: asked for now, answered under their id. The results of many are `api.routes.bulk`'s."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import REFUSALS, Guard
from api.bulk.described import BODIES, BULK
from api.bulk.progress import BulkStatus
from api.documents import JobStatus, failures
from api.hooks.wish import Event
from api.jobs.desk import Serves
from api.jobs.events import KIND, LAST
from api.jobs.request import Deadline, Id, JobRequest
from api.jobs.terms import DAY
from api.routes.described import ACCEPTED, ANY, BODY, FETCHING, SCOPE, Asked, Key

PATH = "/jobs"
Told = JobStatus | BulkStatus
TAKEN: dict[int | str, dict[str, Any]] = {
    202: ACCEPTED[202] | {"model": Told},
    200: {"model": Told, "description": "the same was asked for before, and has its answer"},
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "an event for each state up to the last, of a bulk job also wherever more rows are "
        "done; its data is the job, its id what to go on behind",
        "content": {KIND: {}},
    },
    204: {"description": f"`{LAST}` is its end already"},
}
ONE = JobRequest.model_json_schema(by_alias=True)
JSON = {"application/json": {"schema": {"anyOf": [ONE, *BULK]}}} | BODIES
PICTURE = {"requestBody": {"required": True, "content": JSON | BODY["requestBody"]["content"]}}
_JOB = (*REFUSALS, "job_not_found")
_OF_RETRIES = ("job_unfinished", "job_exists", "invalid_parameter", "picture_gone", "shutting_down")
_ASKED = (*FETCHING, *ANY, "job_exists", "idempotency_mismatch", "picture_gone")


def router(desk: Serves, guard: Guard) -> APIRouter:
    """The routes of `/jobs`."""
    routes = APIRouter(tags=["jobs"])
    _asking(routes, desk, guard)
    _looking(routes, desk, guard)
    _changing(routes, desk, guard)
    return routes


def _asking(routes: APIRouter, desk: Serves, guard: Guard) -> None:
    @routes.post(
        PATH,
        status_code=202,
        response_model=Told,
        responses=TAKEN | failures(*_ASKED),
        openapi_extra=PICTURE,
        dependencies=[guard(SCOPE)],
    )
    async def submit(
        request: Request,
        options: Asked,  # noqa: ARG001
        id: Annotated[Id | None, Query()] = None,  # noqa: A002
        deadline: Annotated[Deadline, Query()] = DAY,
        webhook: Annotated[  # noqa: ARG001
            str | None, Query(description="whom to tell of its end; with JSON a field of the body")
        ] = None,
        events: Annotated[  # noqa: ARG001
            list[Event] | None, Query(alias="webhookEvent", description="of these ends; of all")
        ] = None,
        key: Key = None,  # noqa: ARG001
    ) -> Response:
        """A job, to be answered later: a picture's URL in JSON, or its bytes as with `POST /classify`.

        With bytes, options are parameters of the query. Its client alone can ask for it. A list of URLs, or a
        prefix in S3, is a bulk job: one id for up to 10 000 pictures, and one file of results.
        """
        return await desk.submit(request, id, deadline)

    @routes.post(
        PATH + "/{id}/retry",
        status_code=202,
        response_model=Told,
        responses=TAKEN | failures(*_JOB, *_OF_RETRIES),
        dependencies=[guard(SCOPE)],
    )
    async def retry(request: Request, id: str) -> Response:  # noqa: A002
        """A new job that asks the same again, once one has ended; asked for twice it is the same new job."""
        return await desk.retry(request, id)


def _looking(routes: APIRouter, desk: Serves, guard: Guard) -> None:
    @routes.get(
        PATH + "/{id}",
        response_model=Told,
        responses=failures(*_JOB, "job_expired"),
        dependencies=[guard("jobs")],
    )
    async def job(request: Request, id: str) -> Response:  # noqa: A002
        """How a job is, and its answer once it has one. Any replica knows.

        Also what became of a request that got a 504 or 503 with this id: that id is the secret, 122
        random bits that only its client was told; it is gone (410) if no answer came in time.
        """
        return await desk.show(request, id)

    @routes.get(
        PATH + "/{id}/events",
        response_class=Response,
        responses=STREAM | failures(*_JOB, "overloaded"),
        dependencies=[guard("jobs")],
    )
    async def events(request: Request, id: str) -> Response:  # noqa: A002
        """How a job gets on as server-sent events, as it does, up to its end."""
        return await desk.events(request, id)


def _changing(routes: APIRouter, desk: Serves, guard: Guard) -> None:
    @routes.post(
        PATH + "/{id}/cancel",
        response_model=Told,
        responses=failures(*_JOB),
        dependencies=[guard("jobs")],
    )
    async def cancel(request: Request, id: str) -> Response:  # noqa: A002
        """End a job that has no answer yet; the answer is how it has ended, by this or before.

        A worker that has it in hand finishes it, and its answer is dropped.
        """
        return await desk.cancel(request, id)

    @routes.delete(
        PATH + "/{id}",
        status_code=204,
        response_class=Response,
        responses=failures(*_JOB),
        dependencies=[guard("jobs")],
    )
    async def forget(request: Request, id: str) -> Response:  # noqa: A002
        """Cancel a job that has no answer yet, and remove what is kept of it. Its id is not used again."""
        return await desk.delete(request, id)
