"""Following jobs to their end: one look at the store for all who follow the same job here.

The replica that happens to take a job's outcome out of the queue looks at once; others after a while, which
grows as nothing happens.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from api.limits.places import Places
from wire import log
from wire.errors import JobNotFound
from wire.messages import Answer

FIRST, LONGEST, GROWTH = (
    0.25,
    3.0,
    1.3,
)  # seconds between two looks, and what each is to the one before
HEARTBEAT = 15.0  # seconds; a proxy takes a connection that says nothing for a minute for dead
AT_ONCE, SHARE = 500, 20  # streams of a replica, and of one client
_log = log.get(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A job as it was: what there is of it, a mark that is another where that is news, and whether nothing
    more will come."""

    mark: str
    what: T
    over: bool


Look: TypeAlias = Callable[[], Awaitable[Seen[T]]]
News: TypeAlias = Callable[[str, str | None], bool]
"""Whether a job that has this mark is news to whoever was told that one last, here or by another replica."""


def another(mark: str, known: str | None) -> bool:
    """Where a job may come back to how it was: any mark but the same."""
    return mark != known


class Followed(Generic[T]):
    """One job, looked at until it ends or nobody follows it."""

    def __init__(self, look: Look[T]) -> None:
        self._look = look
        self._changed = asyncio.Event()
        self._nudged = asyncio.Event()
        self.followers = 0
        self.closed = False
        self.last: Seen[T] | None = None

    def nudge(self) -> None:
        """Something has happened to it."""
        self._nudged.set()

    async def run(self) -> None:
        """Look. A job that is deleted meanwhile is closed, and has no end."""
        pause = FIRST
        while self.followers and not self.over:
            try:
                seen = await self._look()
            except JobNotFound:
                self.close()
                return
            except Exception as error:
                reason = repr(error.__cause__ or error)
                _log.warning("a job cannot be followed just now", reason=reason)
            else:
                self._saw(seen)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.75, 1.25)):  # noqa: S311
                    await self._nudged.wait()
            self._nudged.clear()
            pause = min(LONGEST, pause * GROWTH)

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.last is not None and self.last.over

    async def after(self, known: str | None, news: News, patience: float) -> Seen[T] | None:
        """How it is once that is news; None when that was not within so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not (self.closed or self.over or self._tells(news, known)):
                    await self._changed.wait()
        return self.last if self._tells(news, known) else None

    def close(self) -> None:
        """Nobody is to wait for it any more."""
        self.closed = True
        self._changed.set()

    def _tells(self, news: News, known: str | None) -> bool:
        return self.last is not None and news(self.last.mark, known)

    def _saw(self, seen: Seen[T]) -> None:
        if self.last is None or self.last.mark != seen.mark:
            self.last = seen
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()


class Following:
    """All that is followed in this replica."""

    def __init__(self) -> None:
        self._jobs: dict[str, Followed[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = Places(AT_ONCE, SHARE, "Too many jobs are being followed at once.")
        self._closed = False

    def seen(self, answer: Answer) -> None:
        """A job's outcome came by."""
        if (job := self._jobs.get(answer.uuid)) is not None:
            job.nudge()

    def close(self) -> None:
        """Every stream ends with its next word: whoever follows goes on at another replica."""
        self._closed = True
        for job in self._jobs.values():
            job.close()

    def admit(self, group: str | None) -> None:
        """Refuse what would be refused, before a stream's head is sent. Raises as `place`."""
        with self._places.take(group):
            pass

    @contextlib.contextmanager
    def place(self, group: str | None) -> Iterator[None]:
        """One of the streams that there may be.

        Raises:
            Overloaded, RateLimited
        """
        with self._places.take(group):
            yield

    async def course(
        self, uuid: str, look: Look[T], known: str | None, news: News = another
    ) -> AsyncIterator[Seen[T] | None]:
        """How a job is whenever that is news to who was told `known`, to its end; None now and then while
        there is none."""
        with self._followed(uuid, look) as job:
            while not self._closed:
                seen = await job.after(known, news, HEARTBEAT)
                yield seen
                if seen is not None:
                    known = seen.mark
                if job.over or job.closed:
                    return

    @contextlib.contextmanager
    def _followed(self, uuid: str, look: Look[T]) -> Iterator[Followed[T]]:
        job = self._jobs.get(uuid)
        if job is None or job.over or job.closed:
            job = self._jobs[uuid] = Followed(look)
        job.followers += 1
        if job.followers == 1:
            self._begin(uuid, job)
        try:
            yield job
        finally:
            job.followers -= 1
            job.nudge()

    def _begin(self, uuid: str, job: Followed[T]) -> None:
        async def run() -> None:
            try:
                await job.run()
            finally:
                if self._jobs.get(uuid) is job:
                    del self._jobs[uuid]

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
