"""What is shown at the moment, ready to be sent: each topic as JSON text, encoded once for all who look."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from api.operate.point import Points
from wire.tick_record import TickRecord

SHOWN = 15 * 60.0  # seconds of ticks
MOST = 1000  # of them, where they come faster than every second


@dataclass(frozen=True, slots=True)
class Sent:
    """One event of the stream. `id` names the newest tick that was told."""

    topic: str
    data: str
    id: str | None = None


@dataclass(slots=True)
class Seen:
    """How much somebody has been sent: the greatest name of a tick, how many of the board's ticks have been
    gone through (none yet: None), and each topic's version."""

    tick: str = ""
    ticks: int | None = None
    versions: dict[str, int] = field(default_factory=dict)


class Board:
    """Topics by name, and the ticks of the last minutes. `now` is seconds since the epoch."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._points = Points()
        self._ticks: deque[tuple[str, float, str]] = deque(maxlen=MOST)
        self._added = 0  # ticks, ever
        self._topics: dict[str, tuple[int, str]] = {}
        self._changed = asyncio.Event()
        self.turn = 0  # grows with every change

    def add(self, ticks: list[TickRecord]) -> None:
        """Ticks that nobody was told of, oldest first."""
        for tick in ticks:
            point = self._points.of(tick)
            self._ticks.append((point["id"], point["at"], _encoded(point)))
        self._added += len(ticks)
        while self._ticks and self._ticks[0][1] < self._now() - SHOWN:
            self._ticks.popleft()
        if ticks:
            self._tell()

    def put(self, topic: str, document: Any) -> None:
        """What a topic says now; nobody is told what he knows."""
        data = _encoded(document)
        version, before = self._topics.get(topic, (0, ""))
        if data != before:
            self._topics[topic] = (version + 1, data)
            self._tell()

    def drop(self, topic: str) -> None:
        """Nobody asks for it any more."""
        self._topics.pop(topic, None)

    async def changed(self, turn: int, patience: float) -> bool:
        """Whether anything has since that turn, within so many seconds."""
        try:
            async with asyncio.timeout(patience):
                while self.turn == turn:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def news(self, seen: Seen, topics: tuple[str, ...]) -> Iterator[Sent]:
        """What somebody has not been sent, entered as sent."""
        fresh = self._fresh(seen)
        if fresh:
            seen.tick = max(seen.tick, *(name for name, _ in fresh))
            yield Sent("ticks", f"[{','.join(data for _, data in fresh)}]", seen.tick)
        for topic in topics:
            version, data = self._topics.get(topic, (0, ""))
            if version != seen.versions.get(topic, 0):
                seen.versions[topic] = version
                yield Sent(topic, data)

    def _fresh(self, seen: Seen) -> list[tuple[str, str]]:
        # By name for who comes from elsewhere; by number from then on, for a leader that was deposed may put
        # its last ticks after the first ones of the next, whose names are greater.
        if seen.ticks is not None:
            new = min(self._added - seen.ticks, len(self._ticks))
            seen.ticks = self._added
            return [
                (name, data) for name, _, data in islice(self._ticks, len(self._ticks) - new, None)
            ]
        if self._ticks:
            seen.ticks = self._added
            if seen.tick > max(name for name, _, _ in self._ticks):
                seen.tick = ""  # of another life of the service, or of a replica that was ahead
        return [(name, data) for name, _, data in self._ticks if name > seen.tick]

    def _tell(self) -> None:
        self.turn += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _encoded(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
