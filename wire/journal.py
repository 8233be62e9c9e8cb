"""Tick records as they lie in S3: `ticks/⟨yyyy/mm/dd/hh⟩/⟨time⟩-⟨epoch⟩-⟨tick⟩.jsonl`, a few ticks a file."""

import asyncio
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from wire import log
from wire.store import Store
from wire.tick_record import TickRecord

_log = log.get(__name__)

PREFIX = "ticks/"
STAMP = "%Y/%m/%d/%H/%M%S"
AT_ONCE = 16
OVERLAP = timedelta(seconds=90)
MOST_FILES = 36_000  # of one hour: ten a second


def file_key(first: TickRecord) -> str:
    """Of the file whose first record this is."""
    at = first.at.astimezone(UTC)
    return f"{PREFIX}{at:{STAMP}}-{first.epoch:06d}-{first.tick:08d}.jsonl"


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


class Tail:
    """The newest tick records, again and again: a list of what came, and a GET for each new file.

    Args:
        since: the time of the oldest that is wanted.
    """

    def __init__(self, store: Store, since: datetime) -> None:
        self._store = store
        self._since = since.astimezone(UTC)
        self._begin = self._since
        self._seen: set[str] = set()

    async def more(self) -> list[TickRecord]:
        """Those that nobody was told of yet, oldest first.

        Raises:
            QueueUnavailable: the store cannot be reached.
        """
        # A file is named for its first record, which may be half a minute before its last one; and a new
        # leader's clock may be a little behind the one before.
        after = f"{PREFIX}{self._since - OVERLAP:{STAMP}}"
        fresh = [
            key
            for key in await self._store.keys(PREFIX, MOST_FILES, after)
            if key not in self._seen
        ]
        found: list[TickRecord] = []
        for start in range(0, len(fresh), AT_ONCE):
            several = fresh[start : start + AT_ONCE]
            for key, data in zip(
                several, await asyncio.gather(*map(self._store.get, several)), strict=True
            ):
                found += (
                    each for line in (data or b"").splitlines() for each in _decoded(line, key)
                )
        self._seen.update(fresh)
        found = sorted((each for each in found if each.at >= self._begin), key=lambda each: each.at)
        if found:
            self._since = max(self._since, found[-1].at.astimezone(UTC))
            first = f"{PREFIX}{self._since - OVERLAP:{STAMP}}"
            self._seen = {key for key in self._seen if key >= first}
        return found


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


def _decoded(line: bytes, key: str) -> list[TickRecord]:
    try:
        return [TickRecord.model_validate_json(line)]
    except ValidationError as error:
        _log.warning("unreadable tick record", key=key, faults=error.error_count())
        return []
