"""What the page asks and may change."""

from collections.abc import AsyncIterator
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.access.lasting import Lasting
from api.body import Json
from api.limits.places import Places
from api.operate.board import Seen
from api.operate.feed import LIVE, Feed
from api.operate.history import WINDOWS
from api.operate.letters import Letters
from api.operate.standing import told
from api.sessions import cookie
from api.sessions.signed_in import HELD
from wire import log
from wire.errors import Forbidden, InvalidParameter
from wire.queues import QueueMissing
from wire.steering import SteeringRefused, changed
from wire.store import Store

KIND = "text/event-stream"
HEADERS = {"X-Accel-Buffering": "no"}
AGAIN = 2000  # milliseconds after which a page that lost its stream comes back
PATIENCE = 5.0  # seconds between two looks whether one may still look
AT_ONCE, SHARE = 100, 20  # pages of a replica, and of one client
LARGEST = 4096  # bytes of a change
FOREIGN = "This was not asked by a page of this service, or its page is too old: load it again."
_log = log.get(__name__)

Asked = TypeVar("Asked", bound=BaseModel)
Count = Annotated[int, Field(ge=0, le=100_000)]


class Change(BaseModel):
    """Of the limits. What is left out stays; null gives a number back to the balancer's settings."""

    model_config = ConfigDict(extra="forbid", strict=True)

    min_workers: Count | None = Field(None, alias="min")
    max_workers: Annotated[int, Field(gt=0, le=100_000)] | None = Field(None, alias="max")
    paused: bool = Field(False)
    reset: bool = Field(False)


class Named(BaseModel):
    """One dead letter, or the first ones."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class OperateDesk:
    """Serves the page's own requests. Every one of them needs the scope `operate`."""

    def __init__(
        self,
        lasting: Lasting,
        feed: Feed,
        letters: Letters,
        store: Store,
    ) -> None:
        self._lasting = lasting
        self._feed = feed
        self._letters = letters
        self._store = store
        self._places = Places(AT_ONCE, SHARE, "Too many of these pages are open at once.")

    async def events(self, request: Request) -> Response:
        """`GET /operate/events`: everything, and then what changes.

        Raises:
            Overloaded, RateLimited: too many are open already.
        """
        window = request.query_params.get("window", "15m")
        if window != "15m" and window not in WINDOWS:
            raise InvalidParameter(f"window: one of 15m, {', '.join(WINDOWS)}.")
        group = request.state.caller.group
        with self._places.take(group):
            pass
        seen = Seen(tick=request.headers.get("Last-Event-ID", ""))
        told = self._told(request, window, group, seen)
        return StreamingResponse(told, media_type=KIND, headers=HEADERS)

    async def _told(
        self, request: Request, window: str, group: str | None, seen: Seen
    ) -> AsyncIterator[str]:
        topics = (*LIVE, window) if window in WINDOWS else LIVE
        feed = self._feed
        with self._places.take(group), feed.viewer(window):
            yield f"retry: {AGAIN}\n\n"
            while not feed.closed:
                if not await self._lasting.may(request, "operate"):
                    yield "event: over\ndata: {}\n\n"
                    return
                turn = feed.board.turn
                for sent in feed.board.news(seen, topics):
                    mark = "" if sent.id is None else f"id: {sent.id}\n"
                    yield f"{mark}event: {sent.topic}\ndata: {sent.data}\n\n"
                if not await feed.board.changed(turn, PATIENCE):
                    yield ":\n\n"

    async def change(self, request: Request) -> Response:
        """`POST /operate/limits`."""
        asked = await self._asked(request, Change)
        given = asked.model_dump(exclude_unset=True, exclude={"reset"})
        if not given and not asked.reset:
            raise InvalidParameter("min, max, paused or reset: give at least one.")
        try:
            now = await changed(self._store, given, asked.reset)
        except SteeringRefused as error:
            raise InvalidParameter(str(error)) from error
        _log.info(
            "limits changed by the operator's page",
            client=_who(request),
            reset=asked.reset,
            **given,
        )
        self._feed.soon("standing")
        return Json(told(now))

    async def letters(self, request: Request) -> Response:  # noqa: ARG002
        """`GET /operate/dead-letters`. A look hides them from others for a moment: only on demand."""
        try:
            return Json(await self._letters.listed())
        except QueueMissing:
            return Json({"letters": [], "more": 0})

    async def redrive(self, request: Request) -> Response:
        """`POST /operate/dead-letters/redrive`."""
        asked = await self._asked(request, Named)
        done = await self._letters.redrive(asked.id)
        _log.info("dead letters sent again", client=_who(request), jobs=len(done["sent"]))
        self._feed.soon("dead")
        return Json(done)

    async def remove(self, request: Request) -> Response:
        """`POST /operate/dead-letters/remove`."""
        asked = await self._asked(request, Named)
        if asked.id is None:
            raise InvalidParameter("id: which one.")
        done = await self._letters.remove(asked.id)
        _log.info("dead letters removed", client=_who(request), letters=done["removed"])
        self._feed.soon("dead")
        return Json(done)

    async def _asked(self, request: Request, kind: type[Asked]) -> Asked:
        """The change, if a page of ours sent it.

        Raises:
            Forbidden: nobody knows who did.
            InvalidParameter: it is none.
        """
        held = request.scope.get("state", {}).get(HELD)
        if not cookie.genuine(request, held, (request.headers.get(cookie.HEADER),)):
            raise Forbidden(FOREIGN)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise InvalidParameter(f"The body has more than {LARGEST} bytes.")
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "body"
            raise InvalidParameter(f"{where}: {first['msg']}.") from error


def _who(request: Request) -> str:
    return request.state.caller.name or "public"
