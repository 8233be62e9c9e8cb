"""How a bulk job gets on: an event wherever more rows are done. Its id is the state, and their count."""

import math
import re
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from api.access.lasting import Lasting
from api.bulk.progress import ENDED, BulkStatus
from api.bulk.service import Bulk
from api.jobs.follow import Following, Seen
from api.jobs.streams import Streams

# The mark of a job whose results are not there yet; afterwards its state alone is.
UNDER_WAY = re.compile(r"(?P<state>[a-z]+)-(?P<done>[0-9]{1,9})")


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
    """Whether a bulk job got further than that. This replica may know some seconds less of it than the one
    that told, and whoever follows a job never sees it go back."""
    here, there = _progress(mark), _progress(known or "")
    return mark != known if here is None or there is None else here > there


def _progress(mark: str) -> tuple[bool, float] | None:
    """Whether a job with this mark has ended, and how many rows are done; None of what is no mark."""
    if mark in ENDED:
        return True, math.inf
    found = UNDER_WAY.fullmatch(mark)
    return found and (found["state"] in ENDED, int(found["done"]))


async def _told(seen: Seen[BulkStatus]) -> BulkStatus:
    return seen.what
