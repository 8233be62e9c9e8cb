"""`/classify`: a picture in, labels out. By its URL, or as bytes."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.access.guard import Access, Guard
from api.body import JsonText
from api.client import HttpClient
from api.direct import DirectRoute, Way, served_by
from api.documents import Classified, failures
from api.errors import replay
from api.idempotency.keyed import Keyed
from api.jobs.desk import JobDesk
from api.jobs.prefer import HEADER as PREFER
from api.jobs.prefer import Preference, preferred
from api.repeats.once import Asking
from api.routes.described import (
    ACCEPTED,
    ANY,
    BODY,
    BY_JOB,
    FETCHING,
    SCOPE,
    Asked,
    Key,
    Prefer,
    Url,
)
from api.routes.question import Question
from api.vocabulary import Vocabulary
from wire.messages import Answer

PATH = "/classify"


class Classify:
    """Serves `/classify`, as its routes describe it."""

    def __init__(
        self,
        access: Access,
        asking: Asking,
        keyed: Keyed,
        vocabulary: Vocabulary,
        desk: JobDesk,
    ) -> None:
        self._access = access
        self._desk = desk
        self._vocabulary = vocabulary
        self._asking = asking
        self._keyed = keyed

    async def by_url(self, request: Request) -> Response:
        """`GET`."""
        client = self._admitted(request)
        asked = Question(request)
        url, options = asked.url(), asked.options
        if options.sieve is not None:
            await self._vocabulary.check(options)
        if (preference := _preference(request)) is not None:
            return await self._desk.prefer(request, asked, url, preference)
        if asked.key is None:
            given = await self._asking.by_url(url, options, asked.wish, client)
            return _shown(request, given.answer, given.age)
        answer = await self._keyed.by_url(client.name, asked.key, url, options, client)
        return _shown(request, answer)

    async def by_bytes(self, request: Request) -> Response:
        """`POST`."""
        client = self._admitted(request)
        asked = Question(request)
        options = asked.options
        if options.sieve is not None:
            await self._vocabulary.check(options)
        if (preference := _preference(request)) is not None:
            return await self._desk.prefer(request, asked, None, preference)
        answer = await self._keyed.by_bytes(client.name, asked.key, request, options, client)
        return _shown(request, answer)

    def ways(self) -> dict[tuple[str, str], Way]:
        """Past the routes; uploads, which cost more by themselves, take those."""
        return {("GET", PATH): Way(PATH, self.by_url)}

    def _admitted(self, request: Request) -> HttpClient:
        request.state.caller = self._access.admit(request, SCOPE)
        return HttpClient(request)


def router(serving: Classify, guard: Guard) -> APIRouter:
    """The routes of `/classify`."""
    routes = APIRouter(tags=["classify"], dependencies=[guard(SCOPE)], route_class=DirectRoute)

    @routes.get(
        PATH, response_model=Classified, responses=ACCEPTED | failures(*FETCHING, *ANY, *BY_JOB)
    )
    @served_by(serving.by_url)
    async def classify_url(
        url: Url, options: Asked, key: Key = None, prefer: Prefer = None
    ) -> Response:
        """What is in the picture under this URL? Waits for the answer, two minutes at most.

        The same question again within a minute gets the same answer, `cached: true`, and its `Age` in
        seconds; `Cache-Control: no-cache` has the picture fetched and classified anew.
        """
        raise NotImplementedError

    @routes.post(
        PATH,
        response_model=Classified,
        responses=ACCEPTED | failures(*ANY, *BY_JOB),
        openapi_extra=BODY,
    )
    @served_by(serving.by_bytes)
    async def classify_bytes(options: Asked, key: Key = None, prefer: Prefer = None) -> Response:
        """What is in this picture? Its bytes are the body, or the field `file` of a form.

        `curl -F file=@cat.jpg …/classify`, or `curl --data-binary @cat.jpg …/classify`. An empty
        body answers 415 as any other bytes that are no picture.
        """
        raise NotImplementedError

    return routes


def _preference(request: Request) -> Preference | None:
    values = request.headers.getlist(PREFER)
    return preferred(values) if values else None


def _shown(request: Request, answer: Answer, age: float | None = None) -> Response:
    headers = replay(request)
    if age is not None:
        headers["Age"] = str(int(age))
    return JsonText(answer.public_json(), headers=headers)
