"""`/jobs/{uuid}`: an answer that came after its client had left."""

from fastapi import APIRouter
from starlette.responses import Response

from api.access.guard import REFUSALS, Guard
from api.body import Json
from api.documents import JobStatus, failures
from api.lookup import Lookup

POLL_AFTER = "2"  # seconds


def router(lookup: Lookup, guard: Guard) -> APIRouter:
    """The routes of `/jobs`."""
    routes = APIRouter(tags=["jobs"], dependencies=[guard("jobs")])

    @routes.get(
        "/jobs/{uuid}",
        response_model=JobStatus,
        responses=failures(*REFUSALS, "job_not_found", "job_expired"),
    )
    async def job(uuid: str) -> Response:
        """What became of a job whose client got a 504 or 503 with this id. Any replica knows.

        The id is the secret: 122 random bits that only the job's client was told.
        """
        found = await lookup.find(uuid)
        headers = {"Retry-After": POLL_AFTER} if found.status == "queued" else None
        return Json(found.model_dump(by_alias=True, exclude_none=True), headers=headers)

    return routes
