"""Tick records in S3: `ticks/⟨yyyy/mm/dd/hh⟩/⟨time⟩-⟨epoch⟩-⟨tick⟩.jsonl`, a few ticks a file.

A file is put when something was done, and every 30 s otherwise: 86 400 PUTs a month, 0.43 $, on a quiet
service, six times that on one that launches or terminates on every tick, or while somebody has the operator's
page open (us-east-1 list prices as remembered in the design). What cannot be put waits, up to an hour of
ticks.
"""

from collections import deque
from collections.abc import Callable

from wire.journal import PREFIX as PREFIX
from wire.journal import file_key
from wire.journal import records as records
from wire.store import Store
from wire.tick_record import TickRecord

PERIOD = 30.0
MOST_WAITING = 720


class Journal:
    """Takes records and puts them in batches. `clock` is monotonic seconds."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[TickRecord] = deque()
        self._tried: deque[TickRecord] = deque()
        self._put_at = float("-inf")
        self._awaited = False

    def note(self, record: TickRecord, awaited: bool = False) -> None:
        """Keep a record until it is put; at once where somebody waits for it."""
        self._waiting.append(record)
        if len(self._tried) + len(self._waiting) > MOST_WAITING:
            (self._tried or self._waiting).popleft()
        self._awaited = awaited

    def is_due(self) -> bool:
        """Whether something was done that nobody can read of yet, or much has gathered."""
        every = (*self._tried, *self._waiting)
        if not every:
            return False
        late = self._clock() - self._put_at >= PERIOD
        return late or self._awaited or any(not each.quiet for each in every)

    async def put_due(self) -> None:
        """Put what waits when it is time; raises as `put` does."""
        if self.is_due():
            await self.put()

    async def put(self) -> None:
        """Put what waits.

        Raises:
            QueueUnavailable: S3 cannot be reached; it waits on, the newest of it when there is too much.
        """
        # S3 may have taken what failed, and somebody may have read it: it is put again as it was, and what
        # came since then in a file of its own.
        if self._tried:
            await self._put_tried()
        if self._waiting:
            self._tried, self._waiting = self._waiting, deque()
            await self._put_tried()

    async def _put_tried(self) -> None:
        tried = self._tried
        data = b"".join(each.line() for each in tried)
        await self._store.put(file_key(tried[0]), data, "application/jsonl")
        if self._tried is tried:
            self._tried = deque()
        self._put_at = self._clock()
