"""What the actions do, on the event loop: each change is committed before it is answered, and
whoever waits for a message is served in the same step that made the message available."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from local.sqs.database import Database
from local.sqs.errors import PurgeQueueInProgressError, QueueDoesNotExistError
from local.sqs.handles import Handle
from local.sqs.messages import Counts, Draft, Message, MessageTable
from local.sqs.queues import Clock, Queue, QueueTable

Gone = Callable[[], Awaitable[None]]
"""Returns when the client has gone away."""


class Want(NamedTuple):
    """What one receive asks for."""

    limit: int
    visibility_ms: int
    wait_ms: int


@dataclass(slots=True)
class _Waiter:
    want: Want
    arrival: asyncio.Future[list[Message]]


@dataclass(slots=True)
class _Room:
    """The receivers that wait for one queue, first come first served."""

    queue: Queue
    waiters: deque[_Waiter] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None


class Broker:
    """Queues, messages and waiting receivers of one database; used from one event loop only.

    `rest_s`: seconds that a deleted queue's name rests and that two purges must be apart.
    """

    def __init__(self, database: Database, clock: Clock, rest_s: float = 60) -> None:
        self.queues = QueueTable(database, clock, rest_s)
        self._database = database
        self._messages = MessageTable(database)
        self._clock = clock
        self._rest_ms = int(1000 * rest_s)
        self._rooms: dict[int, _Room] = {}
        self._purged_ms: dict[int, int] = {}
        self._draining = False

    def send(self, queue: Queue, drafts: Sequence[Draft]) -> None:
        """Append messages."""
        with self._database.transaction():
            self._messages.append(queue, drafts, self._clock())
        self._serve(queue)

    async def receive(self, queue: Queue, want: Want, gone: Gone) -> list[Message]:
        """Take up to `want.limit` messages; waits up to `want.wait_ms` for the first.

        A client that goes away while it waits is given nothing.
        """
        messages = self._take(queue, want)
        self._arm(queue)
        if messages or want.wait_ms <= 0 or self._draining:
            return messages
        return await self._wait(queue, want, gone)

    def delete(self, handles: Sequence[Handle]) -> None:
        """Delete messages; a handle of an earlier receive deletes nothing."""
        now = self._clock()
        with self._database.transaction():
            self._messages.delete(handles, now)

    def hold(self, queue: Queue, handle: Handle, visibility_ms: int) -> None:
        """Change when a message in flight comes back; errors as in MessageTable.hold."""
        with self._database.transaction():
            self._messages.hold(handle, visibility_ms, self._clock())
        self._serve(queue)

    def count(self, queue: Queue) -> Counts:
        """How many messages the queue holds, by state."""
        now = self._clock()
        with self._database.transaction():
            self._messages.expire(queue, now)
        return self._messages.count(queue, now)

    def purge(self, queue: Queue) -> None:
        """Delete all messages; PurgeQueueInProgressError within `rest_s` of the last purge."""
        now = self._clock()
        if now - self._purged_ms.get(queue.id, -self._rest_ms) < self._rest_ms:
            raise PurgeQueueInProgressError(
                f"Only one PurgeQueue operation on {queue.name} is allowed every"
                f" {self._rest_ms // 1000} seconds."
            )
        self._purged_ms[queue.id] = now
        with self._database.transaction():
            self._messages.purge(queue)
        self._messages.forget(queue)

    def delete_queue(self, queue: Queue) -> None:
        """Delete the queue; who waits for it is told so."""
        self.queues.delete(queue)
        self._messages.forget(queue)
        room = self._rooms.pop(queue.id, None)
        if room is None:
            return
        _disarm(room)
        for waiter in room.waiters:
            if not waiter.arrival.done():
                waiter.arrival.set_exception(
                    QueueDoesNotExistError("The specified queue does not exist.")
                )

    def drain(self) -> None:
        """Answer whoever waits, with nothing; let nobody wait from now on."""
        self._draining = True
        for room in self._rooms.values():
            _disarm(room)
            for waiter in room.waiters:
                _answer(waiter, [])
        self._rooms.clear()

    def _take(self, queue: Queue, want: Want) -> list[Message]:
        now = self._clock()
        if not self._messages.any_due(queue, now):
            return []
        target = self.queues.dead_letter_of(queue)
        with self._database.transaction():
            messages, moved = self._messages.take(
                queue, target, want.limit, want.visibility_ms, now
            )
        if moved and target is not None:
            self._serve(target)
        return messages

    async def _wait(self, queue: Queue, want: Want, gone: Gone) -> list[Message]:
        loop = asyncio.get_running_loop()
        waiter = _Waiter(want, loop.create_future())
        room = self._rooms.setdefault(queue.id, _Room(queue))
        room.waiters.append(waiter)
        self._arm(queue)
        leaving = asyncio.ensure_future(gone())
        expiry = loop.call_later(want.wait_ms / 1000, _answer, waiter, [])
        try:
            await asyncio.wait((waiter.arrival, leaving), return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                self._forsake(queue, waiter)
                return []
            return waiter.arrival.result()
        finally:
            expiry.cancel()
            leaving.cancel()
            self._leave(queue, waiter)

    def _forsake(self, queue: Queue, waiter: _Waiter) -> None:
        """Give back what was handed over in the very step in which the client went."""
        if not waiter.arrival.done() or waiter.arrival.exception() is not None:
            waiter.arrival.cancel()
            return
        with self._database.transaction():
            self._messages.give_back(waiter.arrival.result(), self._clock())
        self._serve(queue)

    def _leave(self, queue: Queue, waiter: _Waiter) -> None:
        room = self._rooms.get(queue.id)
        if room is None:
            return
        if waiter in room.waiters:
            room.waiters.remove(waiter)
        if not room.waiters:
            _disarm(room)
            del self._rooms[queue.id]

    def _serve(self, queue: Queue) -> None:
        """Hand what can be received to those who wait, then set the timer for what cannot yet."""
        room = self._rooms.get(queue.id)
        if room is None:
            return
        while room.waiters:
            waiter = room.waiters[0]
            if not waiter.arrival.done():
                messages = self._take(queue, waiter.want)
                if not messages:
                    break
                waiter.arrival.set_result(messages)
            room.waiters.popleft()
        self._arm(queue)

    def _arm(self, queue: Queue) -> None:
        room = self._rooms.get(queue.id)
        if room is None:
            return
        _disarm(room)
        # Nothing was there at the last look, but that was a moment ago: what has become due since then
        # must wake its receiver as well.
        due = self._messages.next_due(queue) if room.waiters else None
        if due is not None:
            loop = asyncio.get_running_loop()
            wait_ms = max(0, due - self._clock())
            room.timer = loop.call_later(wait_ms / 1000, self._serve, queue)


def _answer(waiter: _Waiter, messages: list[Message]) -> None:
    if not waiter.arrival.done():
        waiter.arrival.set_result(messages)


def _disarm(room: _Room) -> None:
    if room.timer is not None:
        room.timer.cancel()
        room.timer = None
