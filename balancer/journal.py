"""Tick records in S3: `ticks/⟨yyyy/mm/dd/hh⟩/⟨time⟩-⟨epoch⟩-⟨tick⟩.jsonl`, a few ticks a file.

A file is put when something was done, and every 30 s otherwise: 86 400 PUTs a month, 0.43 $, on a quiet
service, six times that on one that launches or terminates on every tick (us-east-1 list prices as
remembered in the design). What cannot be put waits, up to an hour of ticks.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from balancer.tick_record import TickRecord
from wire import log
from wire.store import Store

_log = log.get(__name__)

PREFIX = "ticks/"
PERIOD = 30.0
MOST_WAITING = 720
STAMP = "%Y/%m/%d/%H/%M%S"
AT_ONCE = 16
MOST_FILES = 36_000  # of one hour: ten a second


class Journal:
    """Takes records and puts them in batches. `clock` is monotonic seconds."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[TickRecord] = deque(maxlen=MOST_WAITING)
        self._put_at = float("-inf")

    def note(self, record: TickRecord) -> None:
        """Keep a record until it is put."""
        self._waiting.append(record)

    def is_due(self) -> bool:
        """Whether something was done that nobody can read of yet, or much has gathered."""
        if not self._waiting:
            return False
        late = self._clock() - self._put_at >= PERIOD
        return late or any(not each.quiet for each in self._waiting)

    async def put_due(self) -> None:
        """Put what waits when it is time; raises as `put` does."""
        if self.is_due():
            await self.put()

    async def put(self) -> None:
        """Put what waits.

        Raises:
            QueueUnavailable: S3 cannot be reached; it waits on, the newest of it when there is too much.
        """
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, deque(maxlen=MOST_WAITING)
        try:
            data = b"".join(each.line() for each in batch)
            await self._store.put(_key(batch[0]), data, "application/jsonl")
        except BaseException:
            self._waiting = deque([*batch, *self._waiting], maxlen=MOST_WAITING)
            raise
        self._put_at = self._clock()


async def records(store: Store, since: datetime) -> list[TickRecord]:
    """Those of ticks since then, oldest first.

    Raises:
        QueueUnavailable: S3 cannot be reached.
    """
    keys = await _keys(store, since.astimezone(UTC))
    found: list[TickRecord] = []
    for start in range(0, len(keys), AT_ONCE):
        several = keys[start : start + AT_ONCE]
        for key, data in zip(several, await asyncio.gather(*map(store.get, several)), strict=True):
            found += (each for line in (data or b"").splitlines() for each in _decoded(line, key))
    return sorted((each for each in found if each.at >= since), key=lambda each: each.at)


async def _keys(store: Store, since: datetime) -> list[str]:
    # A file is named for its first record. The last one from before may reach into what is asked for,
    # and after an outage it is an hour long.
    first = since - timedelta(hours=1)
    hours = int((datetime.now(UTC) - first).total_seconds() // 3600) + 2
    keys = [
        key
        for hour in (first + timedelta(hours=number) for number in range(hours))
        for key in await store.keys(f"{PREFIX}{hour:%Y/%m/%d/%H}/", MOST_FILES)
    ]
    before = sum(key < f"{PREFIX}{since:{STAMP}}" for key in keys)
    return keys[max(0, before - 1) :]


def _key(first: TickRecord) -> str:
    at = first.at.astimezone(UTC)
    return f"{PREFIX}{at:{STAMP}}-{first.epoch:06d}-{first.tick:08d}.jsonl"


def _decoded(line: bytes, key: str) -> list[TickRecord]:
    try:
        return [TickRecord.model_validate_json(line)]
    except ValidationError as error:
        _log.warning("unreadable tick record", key=key, faults=error.error_count())
        return []
