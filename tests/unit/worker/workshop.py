"""A worker on the in-memory twins: every stage real but the network and the neural one."""

import asyncio
import contextlib
import json
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.unit.worker.watched import WatchedQueues, WatchedStore
from wire.errors import WorkerCrashed
from wire.leases import Keeper
from wire.messages import Answer, Job, Label
from wire.names import QueueNames
from wire.queues import Depth, QueueOptions
from wire.topology import Shared, open_shared
from worker.batcher import Batcher
from worker.breaker import Breaker
from worker.effects import Effects
from worker.journey import Journey
from worker.layers import Layers
from worker.loop import Loop
from worker.models import Models, Wanted
from worker.pictures import Pictures
from worker.places import Places
from worker.quarantine import Quarantine
from worker.records import Records
from worker.seen import Seen, Unseen
from worker.shift import Shift
from worker.tally import Tally
from worker.trial import NotTried
from worker.watchdog import Watchdog
from worker.work import Work

NAMES = QueueNames("test")
REPLIES = NAMES.responses("r1")
OPEN: list["Workshop"] = []  # closed by the fixture in conftest.py after each test


class NameModel:
    """Classifies bytes as their own text; `hold` keeps the engine thread busy until it is set."""

    name, version = "names", "7"
    lanes, ahead, portion = 1, 0, 16

    def __init__(self):
        self.batches: list[list[bytes]] = []
        self.hold = threading.Event()
        self.hold.set()
        self.deadly: bytes | None = None  # the picture that this worker dies of
        self.died, self.buried = threading.Event(), threading.Event()
        self.spoilt: dict[bytes, Exception] = {}

    def recipe(self, data):
        if data in self.spoilt:
            raise self.spoilt[data]
        return data

    def classify(self, pictures, wanted):
        self.batches.append(list(pictures))
        if self.deadly in pictures:
            self.died.set()
            self.buried.wait(10)
        assert self.hold.wait(10)
        if b"bomb" in pictures:
            raise RuntimeError("the engine broke")
        return [
            tuple(
                Label(name=f"{picture.decode()}{at or ''}", class_id=str(at), confidence=0.5)
                for at in range(count)
            )
            for picture, (count, _) in zip(pictures, wanted, strict=True)
        ]

    classify_beside = classify


@dataclass
class Workshop:
    """The parts, wired as `worker.__main__` wires them."""

    clock: object = time.time
    prefetch: int = 40
    batch: int = 16
    record_seconds: float = 0.02
    by_picture: bool = False
    visibility: int = 30
    effects: list[str] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    pages: dict[str, bytes | Exception] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    delay: float = 0.0
    fetchers: int = 16
    sleep: object = asyncio.sleep  # the watchdog's
    seen: Seen = field(default_factory=Unseen)
    left: list[int] = field(default_factory=list)
    untried: int = 0
    tried: list[bytes] = field(default_factory=list)
    pools: list[Batcher | Executor] = field(default_factory=list)
    hired: list[NameModel] = field(default_factory=list)

    async def open(self) -> "Workshop":
        self.queues = WatchedQueues(self.effects, self.faults, self.clock)
        self.shared: Shared = await open_shared(self.queues, NAMES, self.visibility)
        self.replies = await self.queues.ensure(REPLIES, QueueOptions())
        self.store = WatchedStore(self.effects, self.faults)
        OPEN.append(self)
        self.hire()
        self.effects.clear()
        return self

    def hire(self) -> None:
        """A worker, with nothing in hand."""
        self.shift, self.tally = Shift(self.prefetch), Tally()
        self.model = NameModel()
        self.hired.append(self.model)
        self.models = Models(lambda name, version: self.model)
        self.models.hold(self.model)
        self.watchdog = Watchdog(leave=self.left.append, sleep=self.sleep)
        self.batcher = Batcher(self.batch, self.watchdog)
        self.layers = Layers(self.watchdog)
        self.decoders = ThreadPoolExecutor(2)
        self.records = Records(self.store, self.record_seconds)
        self.pictures = Pictures(self._download, self.store, 1000, inputs=self._download)
        quarantine = Quarantine(self.store)
        work = Work(
            self.models,
            self.pictures,
            self.batcher,
            quarantine,
            Places(self.fetchers),
            Breaker(rest=15.0),
            2,
            self._decode,
            self.shift.moved,
            self._trial,
            self.layers,
            seen=self.seen,
        )
        self.pools += [self.batcher, self.layers, self.decoders]
        effects = Effects(
            self.queues,
            self.shared.requests,
            self.shared.dead_letter,
            self.store,
            self.records,
            self.by_picture,
        )
        self.keeper = Keeper(self.shared.requests, self.visibility)
        self.journey = Journey(
            NAMES, self.keeper, self.shift, quarantine, work, effects, self.tally, self.visibility
        )
        self.loop = Loop(
            self.shared.requests,
            self.shift,
            self.journey,
            self.tally,
            wait=0.05,
            appetite=lambda pace: self.prefetch,
        )

    def close(self) -> None:
        """Let every worker's threads end."""
        for model in self.hired:
            model.hold.set()
            model.buried.set()
        for pool in self.pools:
            pool.close() if isinstance(pool, Batcher | Layers) else pool.shutdown(wait=False)

    async def _trial(self, model, picture, count, sieve=None):
        """Here it dies of the deadly picture in nobody's process."""
        self.tried.append(picture)
        if self.untried:
            self.untried -= 1
            raise NotTried
        if picture == self.model.deadly:
            raise WorkerCrashed
        return model.classify([picture], [Wanted(count, sieve)])[0]

    async def _decode(self, data, recipe, again):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.decoders, recipe, data)

    async def _download(self, url: str) -> bytes:
        self.fetched.append(url)
        await asyncio.sleep(self.delay)
        page = self.pages.get(url, url.rsplit("/", 1)[-1].encode())
        if isinstance(page, Exception):
            raise page
        return page

    async def ask(self, uuid: str, **fields) -> Job:
        """Put a job into the requests queue."""
        job = Job(
            **{"uuid": uuid, "image_url": f"http://h.test/{uuid}", "reply_to": REPLIES} | fields
        )
        await self.shared.requests.send_many([job.encode()])
        return job

    @contextlib.asynccontextmanager
    async def working(self):
        """The loop runs while the block does, and drains at its end."""
        background = asyncio.create_task(self.batcher.run())
        loop = asyncio.create_task(self.loop.run())
        try:
            yield
        finally:
            self.shift.drain("end of test")
            await asyncio.wait_for(loop, 10)
            background.cancel()

    async def answers(self, count: int) -> list[Answer]:
        """The next answers in the replica's queue."""
        found = []
        async with asyncio.timeout(10):
            while len(found) < count:
                for received in await self.replies.receive(10, 1):
                    found.append(Answer.decode(received.body))
                    await self.replies.delete(received.receipt)
        self.effects[:] = [each for each in self.effects if each != f"delete {REPLIES}"]
        return found

    async def until_empty(self) -> None:
        """Every request has been deleted."""
        async with asyncio.timeout(10):
            while await self.shared.requests.depth() != Depth(0, 0):  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def lines(self) -> list[dict]:
        """Every record in the store."""
        keys = await self.store.keys("records/")
        objects = [await self.store.get(key) for key in keys]
        return [json.loads(line) for data in objects for line in data.splitlines()]

    async def redeliver(self, times: int) -> None:
        """Receive without finishing, as a worker that is killed does."""
        for _ in range(times):
            for received in await self.shared.requests.receive(10, 0):
                await self.shared.requests.extend(received.receipt, 0)
