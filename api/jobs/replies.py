"""Answers to requests for jobs."""

from starlette.responses import Response

from api.body import Json
from api.documents import JobStatus
from api.errors import REPLAYED
from api.jobs.prefer import APPLIED, Preference
from api.jobs.states import FINAL
from api.jobs.view import retry_after

ACCEPTED, DONE = 202, 200


def shown(told: JobStatus, status: int = DONE) -> Response:
    """A job as it is; while it has no answer, when to look again."""
    headers = {} if told.status in FINAL else {"Retry-After": str(retry_after(told))}
    document = told.model_dump(by_alias=True, exclude_none=True)
    return Json(document, status_code=status, headers=headers)


def taken(
    told: JobStatus, replayed: bool = False, preference: Preference | None = None
) -> Response:
    """A job that was taken on, and where to ask for it; one that has its answer already shows it."""
    response = shown(told, DONE if told.status in FINAL else ACCEPTED)
    response.headers["Location"] = f"/jobs/{told.id or told.uuid}"
    if replayed:
        response.headers[REPLAYED] = "true"
    if preference is not None:
        response.headers[APPLIED] = preference.applied
    return response
