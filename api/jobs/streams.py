"""A job's course as server-sent events (HTML Living Standard, 9.2), up to its end.

Every event's id says how the job was: whoever comes back with `Last-Event-ID`, to any replica, is told what
is new since. Who knows the end already gets 204, which tells a browser to ask no more.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.access.lasting import Lasting
from api.jobs.follow import Following, Look, News, Seen, another
from wire.keyring import Scope

KIND = "text/event-stream"
AGAIN = 2000  # milliseconds after which a client that lost its stream comes back
HEADERS = {"X-Accel-Buffering": "no"}  # nginx would keep events until it has a few kB of them
LAST = "Last-Event-ID"
SCOPE: Scope = "jobs"
T = TypeVar("T")
Tell = Callable[[Seen[T]], Awaitable[BaseModel]]
"""What a client reads of a job that was seen so."""


class Streams:
    """Serves them, for as long as whoever follows may: what no longer lets him in ends them.

    Args:
        lasting: says whether he may.
        news: says what is.
    """

    def __init__(self, following: Following, lasting: Lasting, news: News = another) -> None:
        self._following = following
        self._lasting = lasting
        self._news = news

    def of(
        self, request: Request, uuid: str, first: Seen[T], look: Look[T], tell: Tell[T]
    ) -> Response:
        """A job's.

        Args:
            first: how it is now.
            look: how it is then.

        Raises:
            Overloaded, RateLimited: too many are open already.
        """
        known = request.headers.get(LAST)
        if first.over and known == first.mark:
            return Response(status_code=204)
        self._following.admit(request.state.caller.group)
        told = self._told(request, uuid, look, tell, known)
        return StreamingResponse(told, media_type=KIND, headers=HEADERS)

    async def _told(
        self, request: Request, uuid: str, look: Look[T], tell: Tell[T], known: str | None
    ) -> AsyncIterator[str]:
        with self._following.place(request.state.caller.group):
            yield f"retry: {AGAIN}\n\n"
            async for seen in self._following.course(uuid, look, known, self._news):
                if not await self._lasting.may(request, SCOPE):
                    return
                if seen is None:
                    yield ":\n\n"
                    continue
                document = (await tell(seen)).model_dump(by_alias=True, exclude_none=True)
                yield f"id: {seen.mark}\ndata: {json.dumps(document)}\n\n"
