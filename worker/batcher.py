"""Micro-batches: whatever is ready when a part of the engine is free goes in there, together.

There is no timer, and no part of the engine waits for another: each takes its share of what is ready, so
batches grow exactly as far as they pay. Where every part is busy, full batches wait inside the engine, which
goes on with them while this interpreter has other things to do. A picture that is the worker's only one gets
the whole engine.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from wire import tracing
from wire.messages import Label
from wire.sieve import Sieve
from worker.lanes import Lanes
from worker.models import Model, Picture, Wanted
from worker.watchdog import Watchdog

LANES = 256  # threads start as they are needed; a model says how many that is

Found: TypeAlias = list[tuple[Label, ...]]
Classify: TypeAlias = Callable[[Sequence[Picture], Sequence[Wanted]], Found]


@dataclass(frozen=True, slots=True)
class Classified:
    """A picture's labels, and the seconds that the engine took for its whole batch.

    `cost` is in seconds of one core, for this picture alone; `cores` is how many its batch had; `batch` is
    what spans link to it by.
    """

    labels: tuple[Label, ...]
    seconds: float
    cost: float
    cores: int
    batch: object | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A picture that waits for the engine."""

    model: Model
    picture: Picture
    wanted: Wanted
    done: asyncio.Future[Classified]
    span: object | None = field(default_factory=tracing.context)


def share(ready: int, free: int, ahead: int, most: int) -> int:
    """How many of the pictures that are ready go into the engine next, 0 while none should.

    Args:
        ready: pictures, at least 1.
        free: lanes; less than none where so many batches wait for one already.
        ahead: batches that may wait for a lane inside. Only full ones do: others would miss what still comes.
        most: pictures of a full one.
    """
    if free > 0:
        return min(most, -(-ready // free))
    return most if ready >= most and free + ahead > 0 else 0


class Batcher:
    """The engine's lanes and the pictures in front of them.

    Args:
        limit: pictures that go in at once at most; as many as the model gains by when None.
        watchdog: told of every batch.
        only: whether a picture that is ready alone is also the only one that is on its way.
    """

    def __init__(
        self, limit: int | None, watchdog: Watchdog, only: Callable[[], bool] = lambda: True
    ) -> None:
        self.lanes = Lanes()
        self._limit = limit
        self._watchdog = watchdog
        self._only = only
        self._orders: deque[Order] = deque()
        self._changed = asyncio.Event()
        self._inside: list[Model] = []  # of each batch that the engine has
        self._whole = False  # whether the batch that runs has all of the engine
        self._engine = ThreadPoolExecutor(LANES, thread_name_prefix="engine")

    async def classify(
        self, model: Model, picture: Picture, count: int, sieve: Sieve | None = None
    ) -> Classified:
        """The picture's `count` likeliest labels of those that pass; raises what the engine raises for it."""
        done: asyncio.Future[Classified] = asyncio.get_running_loop().create_future()
        order = Order(model, picture, Wanted(count, sieve), done)
        self._orders.append(order)
        self._changed.set()
        return await order.done

    async def run(self) -> None:
        """Serve batch after batch until canceled."""
        async with asyncio.TaskGroup() as lanes:
            while True:
                await self._changed.wait()
                self._changed.clear()
                while batch := self._take():
                    self._inside.append(batch[0].model)
                    lanes.create_task(self._occupy(batch, self._way_of(batch)))

    def close(self) -> None:
        self._engine.shutdown(wait=False, cancel_futures=True)

    def _take(self) -> list[Order]:
        """The oldest picture and those of its network behind it; none where the engine takes none."""
        while self._orders and self._orders[0].done.done():
            self._orders.popleft()  # who asked has left
        if not self._orders or self._whole:
            return []
        model = self._orders[0].model
        free, ahead = model.lanes - len(self._inside), self._ahead(model)
        if free + ahead < 1:
            return []
        ready = [each for each in self._orders if each.model is model and not each.done.done()]
        batch = ready[: share(len(ready), free, ahead, self._limit or model.portion)]
        if not batch:
            return []
        taken = set(map(id, batch))
        self._orders = deque(each for each in self._orders if id(each) not in taken)
        return batch

    def _ahead(self, model: Model) -> int:
        """Batches that may wait inside: behind those of the same network, for each has threads of its own."""
        return model.ahead if all(each is model for each in self._inside) else 0

    def _way_of(self, batch: Sequence[Order]) -> Classify:
        model = batch[0].model
        lonely = len(self._inside) == 1 and len(batch) == 1 and not self._orders
        # What has one lane and takes nothing in beside it is called by one thread at a time.
        self._whole = not model.ahead if model.lanes == 1 else lonely and self._only()
        return model.classify if self._whole else model.classify_beside

    async def _occupy(self, batch: Sequence[Order], way: Classify) -> None:
        try:
            await self._serve(batch, way)
        finally:
            self._inside.remove(batch[0].model)
            self._whole = False
            self._changed.set()

    async def _serve(self, batch: Sequence[Order], way: Classify) -> None:
        try:
            with tracing.together("batch", [order.span for order in batch]) as span:
                span.say(pictures=len(batch))
                found, seconds = await self._predict(batch, way)
        except Exception as error:
            await self._apart(batch, way, error)
            return
        model = batch[0].model
        cores = model.lanes if way == model.classify else 1
        cost = seconds * cores / len(batch)
        self.lanes.ran(len(batch), seconds, cores)
        for order, labels in zip(batch, found, strict=True):
            if not order.done.done():
                order.done.set_result(Classified(labels, seconds, cost, cores, span.context))

    async def _predict(self, batch: Sequence[Order], way: Classify) -> tuple[Found, float]:
        pictures = [order.picture for order in batch]
        wanted = [order.wanted for order in batch]
        loop = asyncio.get_running_loop()
        ride = self.lanes.enter(batch[0].model.lanes, time.perf_counter())
        try:
            with self._watchdog.over("predict", pictures=str(len(pictures))):
                run = await loop.run_in_executor(self._engine, _timed, way, pictures, wanted)
        except BaseException:
            self.lanes.leave(ride, time.perf_counter())
            raise
        return run.found, self.lanes.leave(ride, run.ended, run.begun)

    async def _apart(self, batch: Sequence[Order], way: Classify, error: Exception) -> None:
        """One picture may spoil a batch: each goes in again by itself, so that only it fails."""
        if len(batch) == 1:
            if not batch[0].done.done():
                batch[0].done.set_exception(error)
            return
        for order in batch:
            await self._serve([order], way)


class _Run(NamedTuple):
    found: Found
    begun: float
    ended: float


def _timed(way: Classify, pictures: Sequence[Picture], wanted: Sequence[Wanted]) -> _Run:
    begun = time.perf_counter()
    found = way(pictures, wanted)
    return _Run(found, begun, time.perf_counter())
