"""A client that asks at a steady rate, whatever becomes of its requests."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence

from bench.live.line import Line, Reply, opened

LINES = 64  # kept connections; more are opened when all are waiting


class Paced:
    """Asks so many times a second, each for another picture.

    Args:
        service: its URL.
        key: what it shows.
        pictures: the URL of the picture with this number.
    """

    def __init__(self, service: str, key: str, pictures: Callable[[int], str]) -> None:
        self._service = service
        self._headers = {"X-API-Key": key}
        self._pictures = pictures
        self._idle: list[Line] = []
        self._asked = 0

    async def ask(self, rate: float, seconds: float) -> list[Reply]:
        """Every reply of so many seconds; who is late is not waited for by the next."""
        began, asking = time.perf_counter(), []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            asking.append(asyncio.create_task(self._one()))
        return await asyncio.gather(*asking)

    def close(self) -> None:
        for line in self._idle:
            line.close()

    def _kept(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if not line.ended:
                return line
            line.close()
        return None

    async def _one(self) -> Reply:
        self._asked += 1
        picture = self._pictures(self._asked)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            line = self._kept() or await opened(self._service, self._headers)
            reply = await line.classify(picture)
            if len(self._idle) < LINES:
                self._idle.append(line)
            else:
                line.close()
            return reply
        return Reply(0, 0.0)


def statuses(replies: Sequence[Reply]) -> dict[int, int]:
    """How many had each status; 0 for a broken connection."""
    return dict(sorted(Counter(reply.status for reply in replies).items()))
