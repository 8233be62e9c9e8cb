"""One decoder, as its worker sees it: a process that is trusted in nothing."""

import asyncio
import math
import resource
import sys
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, TypeAlias

from worker.decoder import frames
from worker.decoder.frames import Broken, Kind, Order
from worker.decoder.line import Line
from worker.decoder.tray import SQUARE, Tray

if TYPE_CHECKING:
    import numpy as np

Heard: TypeAlias = tuple[Kind, memoryview]

CPUCLOCK_SCHED = 2  # include/linux/posix-timers.h: the low bits of another process's CPU clock


class Died(Exception):
    """It ended amid an order, or broke the rules."""


class Overdue(Exception):
    """It took longer than it may."""


class Refused(Exception):
    """It answered in words."""

    def __init__(self, kind: Kind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


class Cell:
    """A decoder, the line to it and the memory that is shared with it.

    Args:
        pid: its process, which nobody buries before it is ended through the nursery.
        line: our end.
        tray: our end.

    Raises:
        ValueError: 1 or less is no process of ours.
    """

    def __init__(self, pid: int, line: Line, tray: Tray) -> None:
        if pid <= 1:
            raise ValueError(f"no decoder is process {pid}")
        self.pid = pid
        self._line = line
        self._tray = tray
        self._granted = 0

    async def greet(self, seconds: float) -> str:
        """How it is locked in. Raises Died, Overdue, or Refused with LOCKED_OUT."""
        kind, body = await self._within(seconds, self._heard(None))
        text = frames.readable(body)
        if kind is Kind.LOCKED_OUT:
            raise Refused(kind, text)
        return text

    async def prepare(self, data: bytes, order: Order, seconds: float, cpu: float) -> "np.ndarray":
        """The prepared picture, uint8 (side, side, 3).

        Args:
            data: the picture file.
            order: how to prepare it.
            seconds: that it may take.
            cpu: seconds of CPU that it may take; Linux alone can limit them.

        Raises:
            Died, Overdue: it is to be ended.
            Refused: it found fault with the picture, or lacked memory.
        """
        import numpy as np

        self._grant(cpu)
        kind, body = await self._within(seconds, self._asked(data, order))
        if kind is not Kind.PICTURE:
            raise Refused(kind, frames.readable(body))
        return np.frombuffer(body, np.uint8).reshape(order.side, order.side, 3)

    def idles(self) -> bool:
        """Whether it is alive and has nothing to say, as is proper for one without an order."""
        return self._line.silent

    def close(self) -> None:
        self._line.close()
        self._tray.close()

    async def _asked(self, data: bytes, order: Order) -> Heard:
        head = order.encode()
        if self._tray.put(data):
            await self._line.send(head)
        else:
            await self._line.send(head, data)
        return await self._heard(order.answer_size)

    async def _heard(self, picture: int | None) -> Heard:
        """An answer; head and body mostly come in one piece, and are taken as one."""
        beside = picture is not None and picture <= SQUARE  # it lies on the tray
        most = frames.LONGEST if beside else max(picture or 0, frames.LONGEST)
        room = memoryview(bytearray(frames.HEAD_SIZE + most))
        have = await self._line.fill(room, 0, frames.HEAD_SIZE)
        kind, size = frames.read_head(room[: frames.HEAD_SIZE], picture)
        served = beside and kind is Kind.PICTURE
        whole = frames.HEAD_SIZE if served else frames.HEAD_SIZE + size
        if await self._line.fill(room, have, whole) > whole:
            raise Broken("more than an answer")
        if served:
            return kind, memoryview(self._tray.square(size))
        return kind, room[frames.HEAD_SIZE : whole]

    async def _within(self, seconds: float, talk: Coroutine[None, None, Heard]) -> Heard:
        try:
            async with asyncio.timeout(seconds):
                return await talk
        except TimeoutError as error:
            raise Overdue(f"no answer within {seconds:g} s") from error
        except (OSError, EOFError, Broken) as error:
            raise Died(str(error) or "it ended") from error

    def _grant(self, seconds: float) -> None:
        """CPU time is counted from the process's birth: its limit moves with each picture."""
        if sys.platform != "linux":
            return
        try:
            used = time.clock_gettime((~self.pid << 3) | CPUCLOCK_SCHED)
            if (soft := math.ceil(used + seconds)) != self._granted:
                limits = (soft, resource.getrlimit(resource.RLIMIT_CPU)[1])
                resource.prlimit(self.pid, resource.RLIMIT_CPU, limits)
                self._granted = soft
        except OSError as error:
            raise Died(f"its limits cannot be set: {error}") from error
