"""One leader among several balancers: a lease in S3, renewed by whoever holds it.

`state/leader.json` names the holder, an epoch that grows by one whenever it is taken, and a beat that
grows with every renewal, so that no two writes are alike. Every write is conditional on the one before.

No clock is compared with another machine's. The holder counts its lease from just before its last write
that counted, a candidate from just after it first read that write: the holder's time is up before the
candidate's. The holder acts only while more than a margin of its lease is left, which covers what it has
begun and clocks that do not run alike.

A renewal each third of 15 s is 518 000 PUTs a month, 2.59 $; a candidate that looks every 5 s costs 0.21 $
(us-east-1 list prices as remembered in the design).
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from pydantic import ValidationError

from balancer.ticks import ticks
from wire import log
from wire.lease import KEY as KEY
from wire.lease import Lease as Lease
from wire.store import Store

_log = log.get(__name__)

FIRST_RETRY = 0.25  # seconds; on one machine S3 starts half a second after the balancer
LONGEST_RETRY = 2.0
LOOKS_AGAIN = 0.1
TELL_EVERY = 15  # failures, half a minute


def elapsed() -> float:
    """Monotonic seconds that go on while the machine sleeps, where the system has such a clock."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Leader:
    """This balancer's part in it.

    Args:
        store: where the lease is kept.
        holder: this balancer's name. Whoever comes under the same name takes the lease at once: it must
            be certain that the former bearer is dead.
        seconds: length of the lease.
        margin: how much of it must be left to act.
        floor: the highest epoch known elsewhere, for when the lease was removed.
        clock: see `elapsed`.
    """

    def __init__(
        self,
        store: Store,
        holder: str,
        seconds: float,
        margin: float,
        floor: Callable[[], Awaitable[int]],
        clock: Callable[[], float] = elapsed,
    ) -> None:
        self._store = store
        self._holder = holder
        self._seconds = seconds
        self._margin = margin
        self._floor = floor
        self._clock = clock
        self._known: Lease | None = None
        self._etag: str | None = None
        self._seen_at = 0.0
        self._until: float | None = None
        self._beat = 0
        self._heeded = 0
        self._failures = 0

    @property
    def epoch(self) -> int:
        """Of the lease as last known; this balancer's own while it may act."""
        return 0 if self._known is None else self._known.epoch

    def may_act(self) -> bool:
        """Whether this balancer leads, and for long enough to carry something out."""
        return self._until is not None and self._clock() < self._until - self._margin

    async def elected(self, stop: asyncio.Event) -> bool:
        """Wait until this balancer may act; False when stopped before."""
        async for _ in ticks(LOOKS_AGAIN, stop):
            if self.may_act():
                return True
        return False

    async def run(self, stop: asyncio.Event) -> None:
        """Hold the lease, or wait for it, until `stop`."""
        while not stop.is_set():
            pause = await self.step()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()

    async def step(self) -> float:
        """Renew, or look whether the lease is to be had; seconds until the next step."""
        try:
            if self._until is None:
                await self._campaign()
            else:
                await self._renew()
        except Exception as error:
            if self._failures % TELL_EVERY == 0:
                _log.warning("lease out of reach", fault=repr(error.__cause__ or error))
            self._failures += 1
            return min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(self._failures - 1, 10))
        self._failures = 0
        return self._seconds / 3 if self._until is not None else self._until_free()

    async def release(self) -> None:
        """Give the lease back, so that the next need not wait for it to run out."""
        if self._until is None:
            return
        self._until = None
        try:
            await self._write(None, self.epoch)
        except Exception as error:
            _log.warning("lease not given back", fault=repr(error.__cause__ or error))

    async def _campaign(self) -> None:
        kept = await self._store.read(KEY)
        now = self._clock()
        if kept is None:
            self._etag = None
            await self._take(await self._floor() + 1)
            return
        if kept.etag != self._etag or self._known is None:
            self._known = await self._decoded(kept.data)
            self._etag, self._seen_at = kept.etag, now
        if self._is_free(self._known, now):
            await self._take(self._known.epoch + 1)
        elif self._known.epoch != self._heeded:
            self._heeded = self._known.epoch
            _log.info("another balancer leads", holder=self._known.holder, epoch=self._heeded)

    async def _decoded(self, data: bytes) -> Lease:
        try:
            return Lease.model_validate_json(data)
        except ValidationError:
            _log.warning("unreadable lease: it is waited for like somebody else's", key=KEY)
            return Lease(holder="unknown", epoch=await self._floor(), seconds=self._seconds)

    def _is_free(self, lease: Lease, now: float) -> bool:
        if lease.holder in (None, self._holder):
            return True
        return now - self._seen_at >= max(lease.seconds, self._seconds)

    def _until_free(self) -> float:
        if self._known is None or self._etag is None:
            return FIRST_RETRY
        left = self._seen_at + max(self._known.seconds, self._seconds) - self._clock()
        return max(0.01, min(left, self._margin, self._seconds / 3))

    async def _take(self, epoch: int) -> None:
        before = self._clock()
        if await self._write(self._holder, epoch):
            self._until = before + self._seconds
            _log.info("this balancer leads", epoch=epoch)

    async def _renew(self) -> None:
        before, epoch = self._clock(), self.epoch
        if await self._write(self._holder, epoch):
            self._until = before + self._seconds
        else:
            self._until = None
            _log.warning("lease lost", epoch=epoch)

    async def _write(self, holder: str | None, epoch: int) -> bool:
        # A beat is never written twice: a renewal whose answer was lost must not be taken for the one
        # that repeats it, because the lease counts from the first.
        self._beat += 1
        lease = Lease(holder=holder, epoch=epoch, beat=self._beat, seconds=self._seconds)
        etag = await self._store.replace(KEY, lease.encode().encode(), self._etag)
        if etag is None:
            self._known = None
            return False
        self._known, self._etag, self._seen_at = lease, etag, self._clock()
        return True
