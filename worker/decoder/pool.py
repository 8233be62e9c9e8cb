"""Decoders at work, and what becomes of them and of their pictures."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from classifier import errors
from classifier.limits import ImageLimits
from classifier.recipe import Recipe
from wire import log
from wire.errors import DecoderCrashed
from worker.decoder.cell import Cell, Died, Overdue, Refused
from worker.decoder.frames import Kind, Order
from worker.decoder.jail import LIMITED, Terms
from worker.decoder.nursery import PATIENCE, Gone, Nursery
from worker.decoder.throttle import Throttle

RATE, BURST = 20.0, 20  # forks
ATTEMPTS = 3  # at a fork, each with a nursery of its own when the last one has gone
SAID = {
    Kind.UNSUPPORTED: errors.UnsupportedFormat,
    Kind.INVALID: errors.InvalidImage,
    Kind.TOO_LARGE: errors.TooManyPixels,
}

logger = log.get("decoder")


class NoDecoder(Exception):
    """No decoder can be locked in, or started at all, on this system; the text names the remedy."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one picture may ask for, and take.

    Args:
        limits: of its size.
        seconds: by the clock: more than of CPU, for a machine that is busy is no fault of the picture's.
        cpu: seconds of CPU; `seconds` when None.
    """

    limits: ImageLimits
    seconds: float
    cpu: float | None = None


class Decoders:
    """Decodes pictures, each in a process that may die of it.

    Call from the event loop's thread.

    Args:
        places: pictures decoded at the same time.
        terms: of each decoder.
        bounds: of each picture.
        throttle: of forks.
        nursery: that was started before, by the same terms, and ends with this.
    """

    def __init__(
        self,
        places: int,
        terms: Terms,
        bounds: Bounds,
        throttle: Throttle | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self._terms = terms
        self._bounds = bounds
        self._count = places
        self._places = asyncio.Semaphore(places)
        self._second = asyncio.Lock()
        self._renewing = asyncio.Lock()
        self._throttle = throttle or Throttle(RATE, BURST)
        self._nursery = nursery or Nursery(terms)
        self._idle: list[Cell] = []
        self._beside: set[asyncio.Task[Any]] = set()
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def nursery(self) -> int:
        """The process that decoders are forked from."""
        return self._nursery.pid

    @property
    def idle(self) -> tuple[int, ...]:
        """The processes that have nothing to do."""
        return tuple(cell.pid for cell in self._idle)

    async def open(self) -> None:
        """Have every decoder ready.

        Raises:
            NoDecoder: there can be none.
        """
        cells = [await self._hire() for _ in range(self._count)]
        self._idle.extend(cells)

    async def watch(self) -> None:
        """Wait for the moment from which on there can be no decoder any more; raises NoDecoder then."""
        await asyncio.shield(self._lost)

    async def prepare(
        self, data: bytes, recipe: Recipe, again: Callable[[], None] = lambda: None
    ) -> Any:
        """A picture file as the network's input, uint8 (side, side, 3).

        A decoder may die for no fault of its picture's, where memory runs out for one: the picture is
        then tried once more in a fresh decoder, one such picture at a time. `again` is told of that.

        Raises:
            UnsupportedFormat, InvalidImage, TooManyPixels: see `classifier.preprocess`.
            DecoderCrashed: it killed two decoders, took too long or too much memory.
            NoDecoder: there can be none.
        """
        order = Order.of(len(data), recipe, self._bounds.limits)
        async with self._places:
            try:
                return await self._tried(self._idler() or await self._hired(), data, order)
            except Died:
                again()
                async with self._second:
                    again()
                    return await self._last(data, order)

    def close(self) -> None:
        """End every decoder."""
        for cell in self._idle:
            cell.close()
        self._nursery.close()

    async def _last(self, data: bytes, order: Order) -> Any:
        try:
            return await self._tried(await self._hired(), data, order)
        except Died as error:
            raise DecoderCrashed from error

    async def _tried(self, cell: Cell, data: bytes, order: Order) -> Any:
        bounds = self._bounds
        cpu = bounds.seconds if bounds.cpu is None else bounds.cpu
        ours = True
        try:
            picture = await cell.prepare(data, order, bounds.seconds, cpu)
            self._keep(cell)
            ours = False
            return picture
        except Refused as error:
            if error.kind in SAID:
                self._keep(cell)
                ours = False
            raise _said(error) from error
        except Overdue as error:
            logger.warning("a picture took too long to decode", pid=cell.pid, error=str(error))
            raise DecoderCrashed from error
        except Died as error:
            ours = False
            if await asyncio.shield(self._dismiss(cell)) == -signal.SIGXCPU:
                logger.warning("a picture took too much CPU to decode", pid=cell.pid, seconds=cpu)
                raise DecoderCrashed from error
            raise
        finally:  # whoever is interrupted amid a picture would answer the next one with it
            if ours:
                self._dismiss(cell)

    def _idler(self) -> Cell | None:
        while self._idle:
            cell = self._idle.pop()
            if cell.idles():
                return cell
            self._dismiss(cell)
        return None

    def _keep(self, cell: Cell) -> None:
        self._idle.append(cell)

    def _dismiss(self, cell: Cell) -> asyncio.Task[int | None]:
        """End a decoder; how it ended, as the nursery says."""
        cell.close()
        return self._run_beside(self._buried(cell, self._nursery))

    async def _buried(self, cell: Cell, nursery: Nursery) -> int | None:
        code = None
        with contextlib.suppress(Gone):
            code = await nursery.end(cell.pid)
        logger.info("a decoder is gone", pid=cell.pid, code=code)
        return code

    async def _hired(self) -> Cell:
        """A new decoder; should nobody wait for it any more, the next picture gets it."""
        hiring = self._run_beside(self._hire())
        try:
            return await asyncio.shield(hiring)
        except asyncio.CancelledError:
            hiring.add_done_callback(self._keep_hired)
            raise

    def _keep_hired(self, hiring: asyncio.Task[Cell]) -> None:
        if not hiring.cancelled() and hiring.exception() is None:
            self._keep(hiring.result())

    async def _hire(self) -> Cell:
        for _ in range(ATTEMPTS):
            nursery = self._nursery
            await self._throttle.turn()
            try:
                cell = Cell(*await nursery.fork())
                return await self._greeted(cell)
            except (Died, Overdue) as error:
                logger.warning("a decoder was stillborn", error=str(error))
            except Gone as error:
                logger.warning("no decoder can be forked", error=str(error))
                await self._renew(nursery)
        end = NoDecoder("no decoder can be started; see the log for what it died of")
        if not self._lost.done():
            self._lost.set_exception(end)
        raise end

    async def _greeted(self, cell: Cell) -> Cell:
        try:
            how = await cell.greet(PATIENCE)
        except Refused as error:
            self._dismiss(cell)
            raise NoDecoder(
                f"decoders cannot be locked in: {error.text}. To decode strangers' pictures all the "
                "same, with limits alone, set CLASSIFYCLOUD_DECODER_FILTER=wanted"
            ) from error
        except (Died, Overdue):
            self._dismiss(cell)
            raise
        if how.startswith(LIMITED) and not self._idle:
            logger.warning("decoders are held by limits alone: their system calls go unfiltered")
        return cell

    async def _renew(self, old: Nursery) -> None:
        async with self._renewing:
            if self._nursery is not old:
                return
            try:
                await asyncio.to_thread(old.close)
                self._nursery = Nursery(self._terms)
            except (OSError, RuntimeError) as error:  # the latter for want of a thread
                logger.warning("what decoders are forked from cannot be started", error=repr(error))

    def _run_beside(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return task


def _said(error: Refused) -> Exception:
    if error.kind in SAID:
        return SAID[error.kind](error.text)
    logger.warning("a picture broke a decoder", kind=error.kind.name, error=error.text)
    return DecoderCrashed()
