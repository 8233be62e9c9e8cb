"""How a bulk job gets on: an event wherever more rows are done. Its id is the state, and their count."""

import re
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from api.access.lasting import Lasting
from api.bulk.progress import ENDED, BulkStatus
from api.bulk.service import Bulk
from api.jobs.follow import Following, Seen
from api.jobs.streams import Streams

# The mark of a job that has not ended.
UNDER_WAY = re.compile(r"(queued|running)-(?P<done>[0-9]{1,9})")


class BulkEvents:
    """Serves the streams of bulk jobs."""

    def __init__(self, following: Following, service: Bulk, lasting: Lasting) -> None:
        self._streams = Streams(following, lasting, further)
        self._service = service

    async def of(self, request: Request, bulk: str, client: str) -> Response:
        """A job's.

        Raises:
            JobNotFound, QueueUnavailable
            Overloaded, RateLimited: too many are open already.
        """
        look = partial(self._look, bulk, client)
        return self._streams.of(request, bulk, await look(), look, _told)

    async def _look(self, bulk: str, client: str) -> Seen[BulkStatus]:
        return seen(await self._service.status(bulk, client))


def seen(status: BulkStatus) -> Seen[BulkStatus]:
    """A job that is so. It is over once its results can be had too."""
    over = status.status in ENDED and bool(status.results)
    return Seen(status.status if over else f"{status.status}-{status.done}", status, over)


def further(mark: str, known: str | None) -> bool:
    """Whether a bulk job got further than that. This replica may know a second less of it than the one that
    told, and whoever follows a job never sees its count go back."""
    here, there = (UNDER_WAY.fullmatch(each) for each in (mark, known or ""))
    if here and there:
        return int(here["done"]) > int(there["done"])
    return mark != known


async def _told(seen: Seen[BulkStatus]) -> BulkStatus:
    return seen.what
