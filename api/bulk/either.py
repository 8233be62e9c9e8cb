"""Requests about jobs, to whom they concern: an id says what it is of, a new job's body what it asks for."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from api.bulk.body import Bodies
from api.bulk.desk import BulkDesk
from api.bulk.front import JSON, LINES, Sent
from api.client import HttpClient
from api.jobs.desk import LARGEST, JobDesk
from api.uploads import Uploads
from wire import bulk
from wire.errors import InvalidParameter

IN_THE_BODY = "All that is asked for goes into the JSON object, nothing into the query."


class EitherDesk:
    """Serves `/jobs`.

    Args:
        uploads: whose places are for every body.
    """

    def __init__(self, single: JobDesk, many: BulkDesk, uploads: Uploads) -> None:
        self._single = single
        self._many = many
        self._bodies = Bodies(uploads.place)

    async def submit(self, request: Request, id_: str | None, deadline: float) -> Response:
        """`POST /jobs`."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (JSON, *LINES):
            return await self._single.submit(request, id_, deadline)
        async with self._bodies.read(request, HttpClient(request).group) as body:
            sent = await _read(body, kind)
            if isinstance(sent.document, dict) and request.query_params:
                raise InvalidParameter(IN_THE_BODY)
            if sent.is_bulk:
                # Until all that it becomes is in the store, and out of memory.
                return await self._many.submit(request, sent, deadline)
        return await self._single.submit_one(request, sent.document)

    async def show(self, request: Request, given: str) -> Response:
        """`GET /jobs/{id}`."""
        return await self._of(given).show(request, given)

    async def events(self, request: Request, given: str) -> Response:
        """`GET /jobs/{id}/events`."""
        return await self._of(given).events(request, given)

    async def cancel(self, request: Request, given: str) -> Response:
        """`POST /jobs/{id}/cancel`."""
        return await self._of(given).cancel(request, given)

    async def retry(self, request: Request, given: str) -> Response:
        """`POST /jobs/{id}/retry`."""
        return await self._of(given).retry(request, given)

    async def delete(self, request: Request, given: str) -> Response:
        """`DELETE /jobs/{id}`."""
        return await self._of(given).delete(request, given)

    def _of(self, given: str) -> JobDesk | BulkDesk:
        return self._many if bulk.BULK_ID.fullmatch(given) else self._single


async def _read(body: bytes, kind: str) -> Sent:
    # A long list elsewhere than on the event loop.
    if len(body) > LARGEST:
        return await asyncio.to_thread(Sent.read, body, kind)
    return Sent.read(body, kind)
