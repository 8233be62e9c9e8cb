"""Requests about jobs, and what they are answered."""

import json
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from api.body import JsonText
from api.client import HttpClient
from api.documents import JobStatus
from api.errors import replay
from api.hooks.wish import Admission, queried
from api.jobs import replies
from api.jobs.book import Entry
from api.jobs.events import Events
from api.jobs.intake import Intake, Taken, Wanted
from api.jobs.jobs import Jobs
from api.jobs.prefer import APPLIED, Preference
from api.jobs.request import read
from api.jobs.teller import Teller
from api.jobs.terms import Terms
from api.jobs.waiting import Wait
from api.lookup import Lookup
from api.pending import Pending
from api.routes.question import Question
from api.uploads import Uploads
from api.vocabulary import Vocabulary
from wire.errors import InvalidParameter, JobNotFound

JSON = "application/json"
LARGEST = 64 * 1024  # bytes of a body that describes one job
NO_JSON = 'The body is no JSON; send {"imageUrl": "https://…"}, or a picture with its own type.'


class Serves(Protocol):
    """What the routes of `/jobs` need; `given` is what a client calls its job."""

    async def submit(self, request: Request, id_: str | None, deadline: float) -> Response: ...

    async def show(self, request: Request, given: str) -> Response: ...

    async def events(self, request: Request, given: str) -> Response: ...

    async def cancel(self, request: Request, given: str) -> Response: ...

    async def retry(self, request: Request, given: str) -> Response: ...

    async def delete(self, request: Request, given: str) -> Response: ...


class JobDesk:
    """Serves `/jobs`, and those requests to `/classify` that prefer not to wait.

    Args:
        pending: where a request waits for its job's answer.
        longest: seconds that any request waits at most.
    """

    def __init__(
        self,
        intake: Intake,
        jobs: Jobs,
        lookup: Lookup,
        teller: Teller,
        events: Events,
        uploads: Uploads,
        vocabulary: Vocabulary,
        admission: Admission,
        pending: Pending,
        longest: float,
    ) -> None:
        self._intake = intake
        self._jobs = jobs
        self._lookup = lookup
        self._teller = teller
        self._events = events
        self._uploads = uploads
        self._vocabulary = vocabulary
        self._admission = admission
        self._pending = pending
        self._longest = longest

    async def submit(self, request: Request, id_: str | None, deadline: float) -> Response:
        """`POST /jobs`."""
        client = HttpClient(request)
        if _is_json(request):
            async with self._uploads.body(request, LARGEST, client.group) as body:
                found = _parsed(body)
            return await self.submit_one(request, found)
        asked, given = Question(request), request.query_params
        webhook = queried(given.get("webhook"), given.getlist("webhookEvent"))
        if webhook is not None:
            await self._admission.admit(webhook, client.name)
        told = None if webhook is None else webhook.kept()
        wanted = Wanted(asked.options, Terms(id_, asked.key, deadline, told), client)
        await self._vocabulary.check(wanted.options)
        return await self._accepted(await self._intake.by_bytes(request, wanted))

    async def submit_one(self, request: Request, found: object) -> Response:
        """The same with a body of JSON that was read before."""
        client, wish = HttpClient(request), read(found)
        if wish.webhook is not None:
            await self._admission.admit(wish.webhook, client.name)
        wanted = Wanted(wish.options, wish.terms(Question(request).key), client)
        await self._vocabulary.check(wanted.options)
        return await self._accepted(await self._intake.by_url(wish.image_url, wanted))

    async def prefer(
        self, request: Request, asked: Question, url: str | None, preference: Preference
    ) -> Response:
        """`/classify` with a preference; bytes where there is no URL."""
        client = HttpClient(request)
        with Wait(self._pending, client) as wait:
            hold = wait.hold if preference.wait else None
            wanted = Wanted(asked.options, Terms(key=asked.key), client, hold)
            if url is None:
                taken = await self._intake.by_bytes(request, wanted)
            else:
                taken = await self._intake.by_url(url, wanted)
            client.carries(taken.entry.marker.uuid)
            if taken.replayed:
                client.replayed()
            answer = taken.entry.answer
            if answer is None and preference.wait:
                seconds = min(preference.wait, self._longest)
                answer = await wait.answer(taken.entry, self._jobs, seconds)
        if answer is None:
            return await self._accepted(taken, preference)
        if answer.error is not None:
            raise answer.error.raised()
        headers = {APPLIED: preference.applied} | replay(request)
        return JsonText(answer.public_json(), headers=headers)

    async def show(self, request: Request, given: str) -> Response:
        """`GET /jobs/{id}`."""
        found = await self._lookup.find(given, HttpClient(request).name)
        told = found if isinstance(found, JobStatus) else await self._teller.status(found)
        return replies.shown(told)

    async def events(self, request: Request, given: str) -> Response:
        """`GET /jobs/{id}/events`."""
        found = await self._lookup.find(given, HttpClient(request).name)
        if isinstance(found, JobStatus):
            raise JobNotFound
        return self._events.of(request, found)

    async def cancel(self, request: Request, given: str) -> Response:
        """`POST /jobs/{id}/cancel`."""
        return await self._shown(await self._jobs.cancel(given, HttpClient(request).name))

    async def retry(self, request: Request, given: str) -> Response:
        """`POST /jobs/{id}/retry`."""
        entry = await self._jobs.retry(given, HttpClient(request).name)
        return await self._accepted(Taken(entry, replayed=False))

    async def delete(self, request: Request, given: str) -> Response:
        """`DELETE /jobs/{id}`."""
        await self._jobs.delete(given, HttpClient(request).name)
        return Response(status_code=204)

    async def _shown(self, entry: Entry) -> Response:
        return replies.shown(await self._teller.status(entry))

    async def _accepted(self, taken: Taken, preference: Preference | None = None) -> Response:
        told = await self._teller.status(taken.entry)
        return replies.taken(told, taken.replayed, preference)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidParameter(NO_JSON) from error
