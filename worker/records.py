"""Records: a line for every picture, many lines in one PUT.

S3 asks five dollars for a million PUTs, so lines wait up to a second for company. `add` returns only
once the line is stored: a message is deleted after its record, never before.
"""

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from wire.names import records_key
from wire.store import Store

LINES = 256
SECONDS = 1.0


class Records:
    """Collects lines and puts them, one object a batch.

    Args:
        store: where they go.
        seconds: how long a line waits for company.
        lines: how many make a batch full.
        now: UTC; names the hour that an object is filed under.
    """

    def __init__(
        self,
        store: Store,
        seconds: float = SECONDS,
        lines: int = LINES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._seconds = seconds
        self._lines = lines
        self._now = now
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._puts: set[asyncio.Task[None]] = set()

    async def add(self, line: str) -> None:
        """Return once the line is stored, with those that came within the time.

        Raises:
            QueueUnavailable: it could not be; every line of the batch hears so.
        """
        stored = self._line(line)
        if len(self._waiting) >= self._lines:
            self.hurry()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self.hurry)
        await stored

    async def add_now(self, line: str) -> None:
        """The same without a wait for company."""
        stored = self._line(line)
        self.hurry()
        await stored

    def hurry(self) -> None:
        """Put what waits now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            batch, self._waiting = self._waiting, []
            put = asyncio.create_task(self._put(batch))
            self._puts.add(put)
            put.add_done_callback(self._puts.discard)

    def _line(self, line: str) -> asyncio.Future[None]:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((line, stored))
        return stored

    async def _put(self, batch: list[tuple[str, asyncio.Future[None]]]) -> None:
        data = "".join(f"{line}\n" for line, _ in batch).encode()
        key = records_key(self._now(), uuid.uuid4().hex)
        try:
            await self._store.put(key, data, "application/x-ndjson")
        except Exception as error:
            for _, stored in batch:
                if not stored.done():
                    stored.set_exception(error)
            return
        for _, stored in batch:
            if not stored.done():
                stored.set_result(None)
