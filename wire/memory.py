"""The twins of queue and store that live in memory: the whole interface, for unit tests.

They keep SQS's own habits, visibility time-outs, receive counts, redrive and stale receipts included,
and pass the same contract tests as the real ones.
"""

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import md5

from wire import tracing
from wire.queues import (
    Depth,
    MessageRefused,
    Queue,
    QueueMissing,
    QueueNameBusy,
    QueueOptions,
    Received,
)
from wire.store import Kept

Clock = Callable[[], float]
NAME_BUSY_SECONDS = 60.0
GROUP = re.compile(r"[!-~]{1,128}")  # SQS API reference, SendMessage, MessageGroupId


@dataclass(slots=True)
class _Kept:
    body: str
    message_id: str
    sent_at: float
    visible_at: float
    receives: int = 0
    first_received_at: float = 0.0
    receipt: str = ""
    group: str | None = None
    trace: str | None = None


@dataclass(slots=True)
class _Box:
    """What a queue holds; outlives the handles that are opened on it."""

    options: QueueOptions
    messages: dict[str, _Kept] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False


class MemoryQueue:
    """One queue; satisfies `wire.queues.Queue`."""

    def __init__(
        self, name: str, box: _Box, owner: "MemoryQueues", visibility: int | None = None
    ) -> None:
        self._hidden = box.options.visibility if visibility is None else visibility
        self._name = name
        self._box = box
        self._owner = owner

    @property
    def name(self) -> str:
        return self._name

    async def send(self, body: str, group: str | None = None, patience: float = 0.0) -> None:  # noqa: ARG002
        await self.send_many([body], group)

    async def send_many(self, bodies: Sequence[str], group: str | None = None) -> None:
        self._check()
        if group is not None and not GROUP.fullmatch(group):
            raise MessageRefused(f"{group!r} is no MessageGroupId")
        for body in bodies:
            self._keep(body, group)
        self._box.arrived.set()

    async def receive(self, limit: int = 10, wait: float = 20.0) -> list[Received]:
        loop = asyncio.get_running_loop()
        end = loop.time() + wait
        while True:
            self._check()
            self._box.arrived.clear()
            taken = self._take(limit)
            left = end - loop.time()
            if taken or left <= 0:
                return taken
            try:
                async with asyncio.timeout(min(left, self._until_next())):
                    await self._box.arrived.wait()
            except TimeoutError:
                continue

    async def delete(self, receipt: str) -> None:
        self._check()
        kept = self._holder(receipt)
        if kept is not None:
            del self._box.messages[kept.message_id]

    async def extend(self, receipt: str, seconds: int) -> None:
        self._check()
        kept = self._holder(receipt)
        now = self._owner.clock()
        if kept is not None and kept.visible_at > now:
            kept.visible_at = now + seconds
            self._box.arrived.set()

    async def depth(self) -> Depth:
        self._check()
        self._expire()
        now = self._owner.clock()
        hidden = sum(kept.visible_at > now for kept in self._box.messages.values())
        return Depth(visible=len(self._box.messages) - hidden, in_flight=hidden)

    def _check(self) -> None:
        if self._box.gone:
            raise QueueMissing(self._name)

    def _keep(self, body: str, group: str | None) -> None:
        now = self._owner.clock()
        message_id = self._owner.next_id()
        self._box.messages[message_id] = _Kept(
            body, message_id, now, now, group=group, trace=tracing.carried()
        )

    def _take(self, limit: int) -> list[Received]:
        self._expire()
        now = self._owner.clock()
        taken: list[Received] = []
        for kept in list(self._box.messages.values()):
            if len(taken) == limit:
                break
            if kept.visible_at <= now and not self._redrive(kept):
                taken.append(self._deliver(kept, now))
        return taken

    def _deliver(self, kept: _Kept, now: float) -> Received:
        kept.receives += 1
        kept.first_received_at = kept.first_received_at or now
        kept.visible_at = now + self._hidden
        kept.receipt = f"{kept.message_id}/{self._owner.next_id()}"
        return Received(
            body=kept.body,
            message_id=kept.message_id,
            receipt=kept.receipt,
            receive_count=kept.receives,
            sent_at=kept.sent_at,
            age=now - kept.sent_at,
            group=kept.group,
            trace=kept.trace,
        )

    def _redrive(self, kept: _Kept) -> bool:
        options = self._box.options
        if options.dead_letter is None or kept.receives < options.max_receives:
            return False
        self._owner.move(kept.body, options.dead_letter, kept.group)
        del self._box.messages[kept.message_id]
        return True

    def _expire(self) -> None:
        oldest = self._owner.clock() - self._box.options.retention
        for kept in list(self._box.messages.values()):
            if kept.sent_at < oldest:
                del self._box.messages[kept.message_id]

    def _holder(self, receipt: str) -> _Kept | None:
        kept = self._box.messages.get(receipt.split("/")[0])
        return kept if kept is not None and kept.receipt == receipt else None

    def _until_next(self) -> float:
        now = self._owner.clock()
        waits = [kept.visible_at - now for kept in self._box.messages.values()]
        return max(0.001, min(waits, default=3600.0))


class MemoryQueues:
    """An account in memory; satisfies `wire.queues.Queues`.

    Args:
        clock: seconds since the epoch; a test may hand in its own.
    """

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock = clock
        self._boxes: dict[str, _Box] = {}
        self._removed: dict[str, float] = {}
        self._ids = itertools.count(1)

    async def ensure(self, name: str, options: QueueOptions) -> Queue:
        if self.clock() - self._removed.get(name, float("-inf")) < NAME_BUSY_SECONDS:
            raise QueueNameBusy(name)
        if options.dead_letter is not None and options.dead_letter not in self._boxes:
            raise QueueMissing(options.dead_letter)
        self._boxes.setdefault(name, _Box(options))
        return await self.open(name)

    async def open(self, name: str, visibility: int | None = None) -> Queue:
        if name not in self._boxes:
            raise QueueMissing(name)
        return MemoryQueue(name, self._boxes[name], self, visibility)

    async def remove(self, name: str) -> None:
        box = self._boxes.pop(name, None)
        if box is not None:
            box.gone = True
            box.arrived.set()
            self._removed[name] = self.clock()

    async def names(self, prefix: str) -> list[str]:
        return sorted(name for name in self._boxes if name.startswith(prefix))

    async def close(self) -> None:
        return

    def next_id(self) -> str:
        return f"m{next(self._ids)}"

    def move(self, body: str, target: str, group: str | None = None) -> None:
        """Redrive: the message goes on in the dead-letter queue."""
        box = self._boxes[target]
        now = self.clock()
        message_id = self.next_id()
        box.messages[message_id] = _Kept(body, message_id, now, now, group=group)
        box.arrived.set()


@dataclass(frozen=True, slots=True)
class _Object:
    data: bytes
    written_at: float

    @property
    def etag(self) -> str:
        return f'"{md5(self.data, usedforsecurity=False).hexdigest()}"'


class MemoryStore:
    """A bucket in memory; satisfies `wire.store.Store`.

    Args:
        clock: seconds; a test may hand in its own.
    """

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._objects: dict[str, _Object] = {}

    async def put(self, key: str, data: bytes, content_type: str = "application/json") -> None:  # noqa: ARG002
        self._objects[key] = _Object(data, self._clock())

    async def put_new(self, key: str, data: bytes, content_type: str = "application/json") -> bool:
        return await self.replace(key, data, None, content_type) is not None

    async def replace(
        self, key: str, data: bytes, etag: str | None, content_type: str = "application/json"
    ) -> str | None:
        there = self._objects.get(key)
        if etag != (None if there is None else there.etag):
            return None
        await self.put(key, data, content_type)
        return self._objects[key].etag

    async def read(self, key: str) -> Kept | None:
        there = self._objects.get(key)
        if there is None:
            return None
        return Kept(there.data, there.etag, max(0.0, self._clock() - there.written_at))

    async def read_newer(self, key: str, etag: str | None) -> Kept | None:
        kept = await self.read(key) or Kept(b"", "", 0.0)
        return None if etag is not None and kept.etag == etag else kept

    async def get(self, key: str) -> bytes | None:
        kept = await self.read(key)
        return None if kept is None else kept.data

    async def stretch(self, key: str, begin: int, size: int) -> bytes | None:
        data = await self.get(key)
        return None if data is None else data[begin : begin + size]

    async def delete(self, key: str) -> None:
        self._objects.pop(key, None)

    async def keys(self, prefix: str, limit: int = 1000, after: str = "") -> list[str]:
        found = (key for key in self._objects if key.startswith(prefix) and key > after)
        return sorted(found)[:limit]
