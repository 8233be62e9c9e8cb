"""How a bulk job gets on: an event wherever more rows are done. Its id is the state, and their count."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from api.access.lasting import Lasting
from api.bulk.progress import ENDED, BulkStatus
from api.bulk.service import Bulk
from api.jobs.follow import Following, Seen
from api.jobs.streams import Streams


class BulkEvents:
    """Serves the streams of bulk jobs."""

    def __init__(self, following: Following, service: Bulk, lasting: Lasting) -> None:
        self._streams = Streams(following, lasting)
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


async def _told(seen: Seen[BulkStatus]) -> BulkStatus:
    return seen.what
