"""Micro-batches: whatever is ready when the engine is free goes in together.

There is no timer. A lone picture on an idle engine starts at once; under load, pictures gather while
the engine works on the batch before, so batches grow exactly as far as they pay.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from wire.messages import Label
from worker.models import Model, Picture
from worker.watchdog import Watchdog


@dataclass(frozen=True, slots=True)
class Classified:
    """A picture's labels, and the seconds that the engine took for its whole batch."""

    labels: tuple[Label, ...]
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A picture that waits for the engine."""

    model: Model
    picture: Picture
    count: int
    done: asyncio.Future[Classified]


class Batcher:
    """One engine thread and the pictures in front of it.

    Args:
        limit: pictures that go in at once.
        watchdog: told of every batch.
    """

    def __init__(self, limit: int, watchdog: Watchdog) -> None:
        self._limit = limit
        self._watchdog = watchdog
        self._orders: deque[Order] = deque()
        self._arrived = asyncio.Event()
        self._engine = ThreadPoolExecutor(1, thread_name_prefix="engine")

    async def classify(self, model: Model, picture: Picture, count: int) -> Classified:
        """The picture's `count` likeliest labels; raises what the engine raises for this picture."""
        order = Order(model, picture, count, asyncio.get_running_loop().create_future())
        self._orders.append(order)
        self._arrived.set()
        return await order.done

    async def run(self) -> None:
        """Serve batch after batch until canceled."""
        while True:
            await self._arrived.wait()
            await self._serve(self._take())

    def close(self) -> None:
        self._engine.shutdown(wait=False, cancel_futures=True)

    def _take(self) -> list[Order]:
        """The oldest picture, and those behind it that go through the same network."""
        model = self._orders[0].model
        batch = [order for order in self._orders if order.model is model][: self._limit]
        taken = set(map(id, batch))
        self._orders = deque(order for order in self._orders if id(order) not in taken)
        if not self._orders:
            self._arrived.clear()
        return batch

    async def _serve(self, batch: Sequence[Order]) -> None:
        try:
            found, seconds = await self._predict(batch)
        except Exception as error:
            await self._apart(batch, error)
            return
        for order, labels in zip(batch, found, strict=True):
            if not order.done.done():
                order.done.set_result(Classified(labels[: order.count], seconds))

    async def _predict(self, batch: Sequence[Order]) -> tuple[list[tuple[Label, ...]], float]:
        pictures = [order.picture for order in batch]
        count = max(order.count for order in batch)
        loop = asyncio.get_running_loop()
        with self._watchdog.over("predict", pictures=str(len(pictures))):
            return await loop.run_in_executor(self._engine, _timed, batch[0].model, pictures, count)

    async def _apart(self, batch: Sequence[Order], error: Exception) -> None:
        """One picture may spoil a batch: each goes in again by itself, so that only it fails."""
        if len(batch) == 1:
            if not batch[0].done.done():
                batch[0].done.set_exception(error)
            return
        for order in batch:
            await self._serve([order])


def _timed(
    model: Model, pictures: Sequence[Picture], count: int
) -> tuple[list[tuple[Label, ...]], float]:
    start = time.perf_counter()
    found = model.classify(pictures, count)
    return found, time.perf_counter() - start
