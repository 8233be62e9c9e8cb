"""When pictures were enqueued, as far as their records tell.

A record says when the picture was recorded, by the queue's clock, and how long it waited and was worked.
The difference is late by what no timing covers: waits between a worker's steps and the sending of the
reply, some hundredths of a second on a machine that keeps up.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from wire.messages import Undecodable
from wire.records import Record
from wire.store import Store

AT_ONCE = 16
MOST_FILES = 1_000_000  # of one hour; 256 records a file and 300 a second make 4 200

Lines = Iterable[bytes]


class Enqueued:
    """Seconds since the epoch by the picture's id: delivered twice, it was enqueued once.

    `unreadable` counts lines that are no record.
    """

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self.unreadable = 0

    def __len__(self) -> int:
        return len(self._at)

    def add(self, lines: Lines) -> None:
        """Take in the lines of a file."""
        for line in lines:
            try:
                record = Record.decode(line)
            except Undecodable:
                self.unreadable += 1
                continue
            at = record.at.timestamp() - record.timings.total_ms / 1000
            self._at[record.uuid] = min(at, self._at.get(record.uuid, at))

    def between(self, since: float, until: float) -> list[float]:
        """Those enqueued in that time, in order."""
        return sorted(at for at in self._at.values() if since <= at <= until)


def in_folder(folder: Path) -> Iterator[Lines]:
    """The lines of each `.jsonl` file in a folder and the folders in it.

    Raises:
        OSError: one cannot be read.
    """
    for path in sorted(folder.rglob("*.jsonl")):
        yield path.read_bytes().splitlines()


async def in_store(
    store: Store, since: datetime, until: datetime, progress: Callable[[int, int], None]
) -> AsyncIterator[Lines]:
    """The lines of each object with records that were written in that time.

    Args:
        progress: told how many objects are read, of how many.

    Raises:
        QueueUnavailable: the store cannot be reached.
    """
    keys = [
        key
        for hour in _hours(since, until)
        for key in await store.keys(f"records/{hour:%Y/%m/%d/%H}/", MOST_FILES)
    ]
    for first in range(0, len(keys), AT_ONCE):
        batch = keys[first : first + AT_ONCE]
        for data in await asyncio.gather(*(store.get(key) for key in batch)):
            yield (data or b"").splitlines()
        progress(first + len(batch), len(keys))


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    hour = since.replace(minute=0, second=0, microsecond=0)
    while hour <= until:
        yield hour
        hour += timedelta(hours=1)
