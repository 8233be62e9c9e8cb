"""What receivers are sent, for the OpenAPI document."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header
from starlette.responses import Response

from api.documents import JobStatus
from wire.messages import Part

TAKEN: dict[int | str, dict[str, Any]] = {
    204: {"description": "any 2xx: taken"},
    410: {"description": "send nothing more of this"},
}


class JobEnded(Part):
    """A job's end. `data` is what `GET /jobs/{id}` says, of a bulk job too."""

    type: Literal["job.succeeded", "job.failed", "job.canceled", "job.expired"]
    data: JobStatus


def described() -> APIRouter:
    """The webhooks."""
    routes = APIRouter(tags=["jobs"])

    @routes.post("job-ended", responses=TAKEN, status_code=204, response_class=Response)
    async def job_ended(
        body: JobEnded,
        webhook_id: Annotated[str, Header(description="the same whenever it is sent again")],
        webhook_timestamp: Annotated[int, Header(description="seconds since the epoch")],
        webhook_signature: Annotated[
            str, Header(description="`v1,` and base64 of HMAC-SHA256 over id.timestamp.body")
        ],
    ) -> None:
        """What became of a job that named a webhook, signed as Standard Webhooks 1.0 has it.

        Sent once for each end that was asked for; again, with pauses, until it is answered with 2xx or 410.
        """

    return routes
