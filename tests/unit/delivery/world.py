"""Queues and store in memory as one process sees them: late, refusing, forgetful, and gone once dead."""

import asyncio
from dataclasses import dataclass, field

from wire.errors import QueueUnavailable
from wire.memory import MemoryQueues, MemoryStore, _Kept
from wire.messages import Answer, Job, Undecodable
from wire.names import QueueNames, result_key
from wire.topology import open_shared

NAMES = QueueNames("model")
EPOCH = 1_700_000_000.0
LATENCY = 0.01  # seconds of each way of a call
DEADLINE = 300.0


class Killed(asyncio.CancelledError):
    """The process is dead: none of its code runs any further, whatever it holds in `finally`."""


@dataclass(eq=False)
class Life:
    """One process's; dead, it does nothing more to the world."""

    dead: bool = False


@dataclass(frozen=True)
class Fault:
    """What the next call whose name begins with `call` meets: `refused`, or done but its answer `lost`."""

    call: str
    kind: str


@dataclass(frozen=True)
class Outage:
    """All calls whose names begin with `call` are refused until then, in the loop's seconds."""

    call: str
    until: float


class Account(MemoryQueues):
    """Remembers every body that was sent, and what SQS itself gave up."""

    def __init__(self, clock):
        super().__init__(clock)
        self.given_up: list[str] = []

    def move(self, body, *more):
        self.given_up.append(body)
        super().move(body, *more)


@dataclass
class World:
    """What outlives every process. `wrongs` is what was seen amid the play that may never be."""

    loop: asyncio.AbstractEventLoop
    faults: list[Fault] = field(default_factory=list)
    sent: dict[str, list[str]] = field(default_factory=dict)
    results: dict[str, list[bytes]] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    offered: dict[str, float] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)
    asked_by: dict[str, set[str]] = field(default_factory=dict)
    failures: dict[str, list[float]] = field(default_factory=dict)
    fetched: int = 0

    async def open(self) -> "World":
        self.queues = Account(self.clock)
        self.store = MemoryStore(self.clock)
        self.shared = await open_shared(self.queues, NAMES)
        return self

    def clock(self) -> float:
        return EPOCH + self.loop.time()

    def fate(self, call: str) -> str | None:
        """What befalls this call."""
        fate = self._fate(call)
        if fate:
            self.failures.setdefault(call, []).append(self.clock())
        return fate

    def _fate(self, call: str) -> str | None:
        if any(call.startswith(o.call) and self.loop.time() < o.until for o in self.outages):
            return "refused"
        for fault in self.faults:
            if call.startswith(fault.call):
                self.faults.remove(fault)
                return fault.kind
        return None

    def hindered(self) -> dict[str, list[float]]:
        """When what keeps each job's answer was kept from it, in seconds since the epoch."""
        ways = {
            uuid: [f"put {result_key(uuid)}", *(f"receive {queue}" for queue in queues)]
            for uuid, queues in self.asked_by.items()
        }
        return {
            uuid: sorted(at for call in calls for at in self.failures.get(call, ()))
            for uuid, calls in ways.items()
        }

    def accepted(self) -> set[str]:
        """The ids of all jobs that ever came into the requests queue."""
        return set(self.jobs)

    def replied(self) -> set[str]:
        """The ids of all jobs whose answers ever came into a response queue."""
        queues = [name for name in self.sent if name.startswith(NAMES.responses_prefix)]
        return {Answer.decode(body).uuid for name in queues for body in self.sent[name]}

    def offer(self, body: str) -> None:
        """A request came into the queue, for the first time or anew: from now on its deadline counts."""
        try:
            job = Job.decode(body)
        except Undecodable:
            return
        self.jobs[job.uuid] = job
        self.asked_by.setdefault(job.uuid, set()).add(job.reply_to)
        self.offered[job.image_url] = self.clock()

    def fetch(self, url: str) -> None:
        """A worker begins to fetch."""
        self.fetched += 1
        if self.clock() > self.offered[url] + DEADLINE + 1:
            self.wrongs.append(f"{url} was worked after its deadline")

    def reply(self, body: str) -> None:
        """A worker is about to answer."""
        uuid = Answer.decode(body).uuid
        each = uuid in self.jobs and self.jobs[uuid].persist == "each"
        if each and result_key(uuid) not in self.results:
            self.wrongs.append(f"{uuid} was answered before its answer was stored")

    def box(self, name: str):
        return self.queues._boxes[name]

    async def bodies(self, name: str) -> list[str]:
        return [kept.body for kept in self.box(name).messages.values()]

    def hand_out_again(self, name: str, at: int, receives: int) -> None:
        """A message that was sent once shows again, deleted or not."""
        sent = self.sent.get(name, [])
        if sent and name in self.queues._boxes:
            body, box, message = sent[at % len(sent)], self.box(name), self.queues.next_id()
            now = self.clock()
            box.messages[message] = _Kept(body, message, now, now, group=None, receives=receives)
            box.arrived.set()
            if name == NAMES.requests:
                self.offer(body)

    def take_away(self, name: str) -> None:
        """Somebody removes a queue that is empty."""
        if name in self.queues._boxes and not self.box(name).messages:
            self.queues._boxes.pop(name).gone = True

    def show_early(self, name: str) -> None:
        """All that is in flight shows again before its time."""
        for kept in self.box(name).messages.values():
            kept.visible_at = min(kept.visible_at, self.clock())
        self.box(name).arrived.set()


class _Seen:
    def __init__(self, world: World, life: Life) -> None:
        self._world, self._life = world, life

    async def _call(self, name, act):
        self._live()
        fate = self._world.fate(name)
        await asyncio.sleep(LATENCY)
        self._live()
        if fate == "refused":
            raise QueueUnavailable
        result = await act()
        self._live()
        await asyncio.sleep(LATENCY)
        self._live()
        if fate == "lost":
            raise QueueUnavailable
        return result

    def _live(self):
        if self._life.dead:
            raise Killed


class SeenQueue(_Seen):
    """A queue as a process sees it."""

    def __init__(self, world, life, inner):
        super().__init__(world, life)
        self._inner = inner

    @property
    def name(self):
        return self._inner.name

    async def send(self, body, group=None, patience=0.0):
        await self.send_many([body], group)

    async def send_many(self, bodies, group=None):
        async def act():
            await self._inner.send_many(bodies, group)
            if self.name == NAMES.requests:
                for body in bodies:
                    self._world.offer(body)
            self._world.sent.setdefault(self.name, []).extend(bodies)

        if self.name.startswith(NAMES.responses_prefix):
            for body in bodies:
                self._world.reply(body)
        await self._call(f"send {self.name}", act)

    async def receive(self, limit=10, wait=20.0):
        return await self._call(f"receive {self.name}", lambda: self._inner.receive(limit, wait))

    async def delete(self, receipt):
        await self._call(f"delete {self.name}", lambda: self._inner.delete(receipt))

    async def extend(self, receipt, seconds):
        await self._call(f"extend {self.name}", lambda: self._inner.extend(receipt, seconds))

    async def depth(self):
        return await self._call(f"depth {self.name}", self._inner.depth)


class SeenQueues(_Seen):
    """The account as a process sees it."""

    async def ensure(self, name, options):
        await self._call(f"ensure {name}", lambda: self._world.queues.ensure(name, options))
        return await self.open(name)

    async def open(self, name, visibility=None):
        inner = await self._world.queues.open(name, visibility)
        return SeenQueue(self._world, self._life, inner)

    async def remove(self, name):
        await self._call(f"remove {name}", lambda: self._world.queues.remove(name))

    async def names(self, prefix):
        return await self._call("names", lambda: self._world.queues.names(prefix))

    async def close(self):
        return


class SeenStore(_Seen):
    """The store as a process sees it."""

    async def put(self, key, data, content_type="application/json"):
        await self._call(f"put {key}", lambda: self._put(key, data))

    async def put_new(self, key, data, content_type="application/json"):
        return await self.replace(key, data, None, content_type) is not None

    async def replace(self, key, data, etag, content_type="application/json"):
        async def act():
            done = await self._world.store.replace(key, data, etag)
            if done is not None:
                self._note(key, data)
            return done

        return await self._call(f"put {key}", act)

    async def read(self, key):
        return await self._call(f"get {key}", lambda: self._world.store.read(key))

    async def read_newer(self, key, etag):
        return await self._call(f"get {key}", lambda: self._world.store.read_newer(key, etag))

    async def get(self, key):
        return await self._call(f"get {key}", lambda: self._world.store.get(key))

    async def delete(self, key):
        await self._call(f"remove {key}", lambda: self._world.store.delete(key))

    async def keys(self, prefix, limit=1000):
        return await self._call(f"keys {prefix}", lambda: self._world.store.keys(prefix, limit))

    async def _put(self, key, data):
        await self._world.store.put(key, data)
        self._note(key, data)

    def _note(self, key, data):
        if key.startswith("results/"):
            self._world.results.setdefault(key, []).append(data)
