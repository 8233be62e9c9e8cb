"""A single job's states as they come; the id of each event is the state."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from api.access.lasting import Lasting
from api.documents import JobStatus
from api.jobs import states
from api.jobs.book import Entry
from api.jobs.follow import Following, Seen
from api.jobs.streams import KIND as KIND
from api.jobs.streams import LAST as LAST
from api.jobs.streams import Streams
from api.jobs.teller import Teller


class Events:
    """Serves the streams of single jobs."""

    def __init__(self, following: Following, teller: Teller, lasting: Lasting) -> None:
        self._streams = Streams(following, lasting)
        self._teller = teller

    def of(self, request: Request, entry: Entry) -> Response:
        """A job's. Raises Overloaded, RateLimited."""
        state = "" if entry.answer is None else states.settled(entry.answer)
        first = Seen(state, entry, over=entry.answer is not None)
        look = partial(self._look, entry)
        return self._streams.of(request, entry.marker.uuid, first, look, self._tell)

    async def _look(self, entry: Entry) -> Seen[Entry]:
        entry, state = await self._teller.look(entry)
        return Seen(state, entry, state in states.FINAL)

    async def _tell(self, seen: Seen[Entry]) -> JobStatus:
        return (await self._teller.status(seen.what)).model_copy(update={"status": seen.mark})
