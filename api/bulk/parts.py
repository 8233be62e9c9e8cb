"""Outcomes of rows, many lines in one PUT: a second's, or 256 of a bulk job.

`add` returns once the line is stored: the message that brought it is deleted after that, never before.
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from api.bulk.kept import parts_prefix
from wire import log
from wire.store import Store

LINES = 256
SECONDS = 1.0
_log = log.get(__name__)

Stored = Callable[[str, str, bytes], None]
"""Told of a bulk job, and of a part's key and bytes, once it is stored."""


@dataclass(slots=True)
class _Batch:
    """What waits of one bulk job."""

    timer: asyncio.TimerHandle
    lines: list[str] = field(default_factory=list)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)


class Parts:
    """Collects lines and puts them.

    Args:
        store: where they go.
        stored: told of each part.
        seconds: how long a line waits for company.
        lines: how many make a part full.
    """

    def __init__(
        self, store: Store, stored: Stored, seconds: float = SECONDS, lines: int = LINES
    ) -> None:
        self._store = store
        self._stored = stored
        self._seconds = seconds
        self._lines = lines
        self._batches: dict[str, _Batch] = {}
        self._puts: set[asyncio.Task[None]] = set()

    async def add(self, bulk: str, line: str) -> None:
        """Return once the line is stored, with those that came within the time.

        Raises:
            QueueUnavailable: it could not be; every line of the part hears so.
        """
        loop = asyncio.get_running_loop()
        batch = self._batches.get(bulk)
        if batch is None:
            batch = _Batch(loop.call_later(self._seconds, self._hurry, bulk))
            self._batches[bulk] = batch
        stored: asyncio.Future[None] = loop.create_future()
        batch.lines.append(line)
        batch.waiting.append(stored)
        if len(batch.lines) >= self._lines:
            self._hurry(bulk)
        await stored

    def _hurry(self, bulk: str) -> None:
        batch = self._batches.pop(bulk)
        batch.timer.cancel()
        put = asyncio.create_task(self._put(bulk, batch))
        self._puts.add(put)
        put.add_done_callback(self._puts.discard)

    async def _put(self, bulk: str, batch: _Batch) -> None:
        data = "".join(f"{line}\n" for line in batch.lines).encode()
        key = f"{parts_prefix(bulk)}{uuid.uuid4().hex}.jsonl"
        try:
            await self._store.put(key, data, "application/x-ndjson")
        except Exception as error:
            reason = repr(error.__cause__ or error)
            _log.warning("rows not stored", job=bulk, rows=len(batch.lines), reason=reason)
            for stored in batch.waiting:
                if not stored.done():
                    stored.set_exception(error)
            return
        for stored in batch.waiting:
            if not stored.done():
                stored.set_result(None)
        self._stored(bulk, key, data)
