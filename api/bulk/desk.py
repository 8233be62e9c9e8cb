"""Requests about bulk jobs, and what they are answered."""

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.body import Json
from api.bulk.events import BulkEvents
from api.bulk.finishing import KINDS
from api.bulk.front import Front, Sent
from api.bulk.kept import Format
from api.bulk.progress import ENDED, BulkStatus
from api.bulk.service import Bulk
from api.client import HttpClient
from api.errors import REPLAYED
from api.jobs.terms import Terms
from api.routes.question import Question

ACCEPTED, DONE = 202, 200
SHORTEST, LONGEST = 1, 10  # seconds that a client is asked to wait before it looks again


class BulkDesk:
    """Serves what `/jobs` has of bulk jobs. Raises what refuses a request."""

    def __init__(self, front: Front, service: Bulk, events: BulkEvents) -> None:
        self._front = front
        self._events = events
        self._service = service

    async def submit(self, request: Request, sent: Sent, deadline: float) -> Response:
        """A body that asks for many."""
        asked, client = Question(request), HttpClient(request)
        terms = Terms(key=asked.key, deadline=deadline)
        told, replayed = await self._front.submit(sent, asked.options, terms, client)
        return _taken(told, replayed)

    async def show(self, request: Request, bulk: str) -> Response:
        return _shown(await self._service.status(bulk, HttpClient(request).name))

    async def events(self, request: Request, bulk: str) -> Response:
        return await self._events.of(request, bulk, HttpClient(request).name)

    async def cancel(self, request: Request, bulk: str) -> Response:
        return _shown(await self._service.cancel(bulk, HttpClient(request).name))

    async def retry(self, request: Request, bulk: str) -> Response:
        return _taken(await self._service.retry(bulk, HttpClient(request)))

    async def delete(self, request: Request, bulk: str) -> Response:
        await self._service.delete(bulk, HttpClient(request).name)
        return Response(status_code=204)

    async def results(
        self, request: Request, bulk: str, form: Format, partial: bool = False
    ) -> Response:
        """The file, a stretch at a time; what there is of it so far, where that is asked for."""
        client = HttpClient(request)
        name = {"Content-Disposition": f'attachment; filename="{bulk}.{form}"'}
        if partial and form == "jsonl":
            lines = await self._service.results_so_far(bulk, client)
            return StreamingResponse(lines, media_type=KINDS[form], headers=name)
        size, stretches = await self._service.results(bulk, client.name, form)
        headers = name | {"Content-Length": str(size)}
        return StreamingResponse(stretches, media_type=KINDS[form], headers=headers)


def _shown(told: BulkStatus, status: int = DONE) -> Response:
    ended = told.status in ENDED and told.results
    wait = max(SHORTEST, min(LONGEST, round((told.estimate or 0) / 4)))
    headers = {} if ended else {"Retry-After": str(wait)}
    return Json(told.model_dump(by_alias=True, exclude_none=True), status, headers=headers)


def _taken(told: BulkStatus, replayed: bool = False) -> Response:
    response = _shown(told, DONE if told.status in ENDED else ACCEPTED)
    response.headers["Location"] = f"/jobs/{told.uuid}"
    if replayed:
        response.headers[REPLAYED] = "true"
    return response
