"""What estimates are made of, read at most once a second: the queue's depth and the balancer's ledger."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, median

from pydantic import ValidationError

from api.connection import Connection
from api.jobs.estimate import Crew
from wire import log
from wire.ledger import KEY, Saved, SavedRow
from wire.store import Store

FRESH = 1.0  # seconds; a backlog that is older is worked off by workers that boot in two
PATIENCE = (
    2.0  # seconds that a look may take: nobody's job waits longer to be taken on for an estimate
)
LEAST = 0.5  # seconds that whoever boots for longer than boots take is given
_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Jobs in the queue, in work or not, and who works; None for what is not known."""

    waiting: int | None
    crew: Crew | None


class Watch:
    """Looks when it is asked and the last look is old.

    Args:
        clock: monotonic seconds.
    """

    def __init__(
        self, connection: Connection, store: Store, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._store = store
        self._clock = clock
        self._etag: str | None = None
        self._read_at = 0.0
        self._saved: Saved | None = None
        self._waiting: int | None = None
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def now(self) -> Outlook:
        """What is known. Nothing that fails is raised: it is only not known."""
        async with self._looking:
            if self._clock() - self._looked_at >= FRESH:
                self._waiting, _ = await asyncio.gather(self._depth(), self._ledger())
                self._looked_at = self._clock()
        crew = None if self._saved is None else crew_of(self._saved, self._clock() - self._read_at)
        return Outlook(self._waiting, crew)

    def sent(self, count: int = 1) -> None:
        """So many more jobs wait than the last look has seen."""
        if self._waiting is not None:
            self._waiting += count

    async def _depth(self) -> int | None:
        lines = self._connection.current
        if lines is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                depth = await lines.shared.requests.depth()
        except Exception as error:
            _log.warning("the backlog is not known", reason=repr(error.__cause__ or error))
            return None
        return depth.visible + depth.in_flight

    async def _ledger(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                kept = await self._store.read_newer(KEY, self._etag)
            if kept is not None and kept.data:
                self._saved = Saved.model_validate_json(kept.data)
                self._etag, self._read_at = kept.etag, self._clock() - kept.age
        except ValidationError:
            self._saved = None  # another version's
        except Exception as error:
            _log.warning("who works is not known", reason=repr(error.__cause__ or error))


def crew_of(saved: Saved, age: float) -> Crew | None:
    """Who works by the ledger, so many seconds after it was written; None where it does not say enough."""
    holds = saved.holds
    if holds is None:
        return None
    boot = median(saved.boots) if saved.boots else holds.boot_seconds
    staying = [row for row in saved.rows if row.leaving is None]
    coming = (row.seen + age for row in staying if row.ready is None)
    most = holds.workers if holds.paused else holds.max_workers
    return Crew(
        ready=sum(row.ready is not None for row in staying),
        coming=tuple(max(LEAST, boot - begun) for begun in coming),
        most=most,
        rate=_rate(saved, staying, holds.service_seconds),
        boot=boot,
        look=holds.every / 2,
        target=holds.target_wait,
        alone=_alone(staying, holds.service_seconds),
    )


def _rate(saved: Saved, staying: list[SavedRow], usual: float) -> float:
    # As the balancer reckons (`balancer/measures.py`), so that the two agree.
    measured = [row.throughput for row in staying if row.throughput]
    if measured:
        return fmean(measured)
    times = [row.service_seconds for row in staying if row.service_seconds]
    return 1.0 / (saved.service_seconds or (fmean(times) if times else usual))


def _alone(staying: list[SavedRow], usual: float) -> float:
    times = [row.service_seconds for row in staying if row.service_seconds]
    return fmean(times) if times else usual
