"""The one reader of a replica: it reads for all who look, and nothing while nobody does.

What an hour of looking costs, however many look (us-east-1 list prices as remembered in the design):
lists and reads of S3 about 1 cent, CloudWatch, if a longer window is open, 1 cent, the count of dead letters
next to nothing.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from api.operate.board import SHOWN, Board
from api.operate.history import WINDOWS
from api.operate.standing import Books
from wire import log
from wire.journal import Tail
from wire.store import Store

BEAT = 2.5  # seconds
LATE = 10.0  # seconds after which a source that is still being read counts as away
LINGERS = (
    10.0  # seconds for which reading goes on when the last one has left: pages are loaded anew
)
LIVE = ("standing", "ledger", "dead", "sources")
_log = log.get(__name__)


class Past(Protocol):
    """What `api.operate.history.History` gives."""

    async def read(self, name: str) -> dict[str, Any]: ...


@dataclass(slots=True)
class Source:
    """Something that is read every so many seconds, since `began`. `failed` says since when it cannot be."""

    name: str
    every: float
    read: Callable[[], Awaitable[None]]
    due: float = 0.0
    began: float = 0.0
    failed: float | None = None


class Feed:
    """Reads while somebody looks, and writes what it reads on a board.

    Args:
        store: where the balancer keeps its state.
        past: figures from further back.
        dead: how many messages lie in the dead-letter queue, about.
        tell: is called when the first one comes and when the last one leaves.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        store: Store,
        past: Past,
        dead: Callable[[], Awaitable[int]],
        tell: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._past = past
        self._dead = dead
        self._tell = tell
        self._clock = clock
        self._windows: Counter[str] = Counter()
        self._reading: asyncio.Task[None] | None = None
        self._looks: dict[str, asyncio.Task[None]] = {}
        self._left_at = 0.0
        self._begin()
        self.closed = False

    def _begin(self) -> None:
        self.board = Board()
        self._books = Books(self._store)
        self._tail = Tail(self._store, datetime.now(UTC) - timedelta(seconds=SHOWN))
        self._sources = [
            Source("ticks", 2 * BEAT, self._ticks),
            Source("standing", 4 * BEAT, self._standing),
            Source("dead", 6 * BEAT, self._letters),
        ]
        self._longer = {name: Source(name, 60.0, self._window(name)) for name in WINDOWS}

    @property
    def watched(self) -> bool:
        """Whether somebody looks."""
        return self._windows.total() > 0

    @contextlib.contextmanager
    def viewer(self, window: str) -> Iterator[None]:
        """Somebody looks, for as long as the block runs; at a longer window if it is one of `WINDOWS`."""
        if self._reading is None or self._reading.done():
            self._begin()
            self._reading = asyncio.create_task(self._run())
        self._windows[window] += 1
        if self._windows.total() == 1:
            self._tell()
        try:
            yield
        finally:
            self._windows[window] -= 1
            self._left_at = self._clock()
            if not self.watched:
                self._tell()

    def soon(self, *names: str) -> None:
        """Something was changed here: look at these with the next beat."""
        for source in self._sources:
            if source.name in names:
                source.due = 0.0

    def close(self) -> None:
        """Every stream ends: whoever looks goes on at another replica."""
        self.closed = True
        self.board.put("sources", {"closed": True})
        if self._reading is not None:
            self._reading.cancel()

    async def _run(self) -> None:
        try:
            await self._beats()
        finally:
            for look in self._looks.values():
                look.cancel()
            self._looks = {}

    async def _beats(self) -> None:
        while not self.closed:
            if not self.watched and self._clock() - self._left_at > LINGERS:
                return
            began = self._clock()
            wanted = [self._longer[name] for name in self._longer if self._windows[name]]
            for each in (*self._sources, *wanted):
                if each.due <= began + BEAT / 2 and each.name not in self._looks:
                    self._looks[each.name] = asyncio.create_task(self._look(each))
            await self._wait()
            self._say()
            await asyncio.sleep(max(0.1, BEAT - (self._clock() - began)))

    async def _wait(self) -> None:
        # The others need not wait for one that does not answer: it is read on beside them.
        if self._looks:
            await asyncio.wait(self._looks.values(), timeout=BEAT)
        self._looks = {name: look for name, look in self._looks.items() if not look.done()}

    async def _look(self, source: Source) -> None:
        source.began = self._clock()
        source.due = source.began + source.every
        try:
            await source.read()
        # Whatever it is: were this loop to end, nobody would see anything any more.
        except Exception as error:
            _failed(source, repr(error.__cause__ or error))
        else:
            source.failed = None

    def _say(self) -> None:
        every = (*self._sources, *self._longer.values())
        for each in every:
            if each.name in self._looks and self._clock() - each.began > LATE:
                _failed(each, f"no answer for {LATE:g} s")
        failed = {each.name: each.failed for each in every if each.failed is not None}
        self.board.put("sources", {"failed": failed})

    async def _ticks(self) -> None:
        self.board.add(await self._tail.more())

    async def _standing(self) -> None:
        await self._books.read()
        self.board.put("ledger", self._books.ledger)
        self.board.put("standing", self._books.standing)

    async def _letters(self) -> None:
        self.board.put("dead", {"waiting": await self._dead()})

    def _window(self, name: str) -> Callable[[], Awaitable[None]]:
        async def read() -> None:
            self.board.put(name, await self._past.read(name))

        return read


def _failed(source: Source, why: str) -> None:
    if source.failed is None:
        _log.warning("not read for the operator's page", what=source.name, why=why)
        source.failed = time.time()
