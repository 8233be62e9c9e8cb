"""Waiting for the answer to somebody else's job: one look at the store for all who wait for it here.

Were it a look for each, a client that repeats its request could have a replica do little else.
"""

import asyncio
import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

from api.idempotency.claims import Claim, Claims
from api.pending import Pending
from wire.messages import Answer
from wire.names import result_key
from wire.store import Store

FIRST, LONGEST = 0.1, 2.0  # seconds between two looks at the store

# The answer; or None with the job itself, to be sent.
Found = tuple[Claim, Answer | None]


async def stored(store: Store, uuid: str) -> Answer | None:
    """The answer to a job that is worked with `persist: "each"`; None when there is none yet."""
    data = await store.get(result_key(uuid))
    return None if data is None else Answer.decode(data)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """`may_send` when the job may fall to it."""

    found: asyncio.Future[Found]
    may_send: bool


class Watches:
    """The watches of one replica: one for each key that somebody waits for."""

    def __init__(self, store: Store, claims: Claims, pending: Pending) -> None:
        self._store = store
        self._claims = claims
        self._pending = pending
        self._watches: dict[str, _Watch] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._watches)

    @contextlib.contextmanager
    def join(self, claim: Claim, may_send: bool) -> Iterator[asyncio.Future[Found]]:
        """Watch for as long as the block runs. What the future brings is for this waiter alone; it may be
        what `Claims.again` raises."""
        waiter = _Waiter(asyncio.get_running_loop().create_future(), may_send)
        watch = self._watches.get(claim.key)
        if watch is None:
            watch = self._watches[claim.key] = _Watch(
                claim, self._store, self._claims, self._pending
            )
            self._begin(claim.key, watch)
        watch.waiters.append(waiter)
        try:
            yield waiter.found
        finally:
            watch.leave(waiter)

    def _begin(self, key: str, watch: "_Watch") -> None:
        async def run() -> None:
            try:
                await watch.run()
            finally:
                del self._watches[key]

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Watch:
    """Looks for one job's answer until nobody waits for it any more, whoever began or left."""

    def __init__(self, claim: Claim, store: Store, claims: Claims, pending: Pending) -> None:
        self._claim = claim
        self._store = store
        self._claims = claims
        self._pending = pending
        self.waiters: list[_Waiter] = []

    async def run(self) -> None:
        try:
            await self._look_until_left()
        except Exception as error:
            for waiter in self._all():
                waiter.found.set_exception(error)

    def leave(self, waiter: _Waiter) -> None:
        if waiter in self.waiters:
            self.waiters.remove(waiter)
        # Nobody may ever look at the future of one that left; that is no fault to complain of.
        if not waiter.found.cancel() and not waiter.found.cancelled():
            waiter.found.exception()

    async def _look_until_left(self) -> None:
        pause = FIRST
        await self._fall()
        while self.waiters:
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311
            await self._look()
            pause = min(LONGEST, pause * 1.5)

    async def _look(self) -> None:
        answer = await stored(self._store, self._claim.uuid)
        if answer is not None:
            self._tell(answer)
        elif self._heir() is not None:
            self._claim = await self._claims.again(self._claim)
            await self._fall()

    async def _fall(self) -> None:
        """Let the job fall to one of the waiters where nobody else is going to send it."""
        claim = await self._mine() if self._heir() is not None else None
        if claim is None:
            return
        answer = await stored(self._store, claim.uuid)
        if answer is not None:  # it had been sent after all
            await self._claims.sent(claim)
            self._tell(answer)
        elif (heir := self._heir()) is not None:
            self.waiters.remove(heir)
            heir.found.set_result((claim, None))
        else:
            await self._claims.free(claim)

    async def _mine(self) -> Claim | None:
        claim = self._claim
        if claim.mine:
            return claim
        # One that waits in this very replica is not lost, whatever its mark says.
        if claim.overdue and claim.uuid not in self._pending:
            return await self._claims.take_over(claim)
        return None

    def _heir(self) -> _Waiter | None:
        return next((waiter for waiter in self.waiters if waiter.may_send), None)

    def _tell(self, answer: Answer) -> None:
        for waiter in self._all():
            waiter.found.set_result((self._claim, answer))

    def _all(self) -> list[_Waiter]:
        everybody, self.waiters[:] = list(self.waiters), []
        return everybody
