"""Waves of pictures that bring workers, and a trickle between them while these are sent away again."""

import asyncio
import random
import time

from bench.live.clients import Clients
from bench.live.diary import Diary

FEW = 2
LEAST, MOST = 4.0, 40.0  # seconds between waves
PAUSE = (0.02, 0.3)  # seconds between two pictures of the trickle


class Load:
    """Keeps workers coming and going.

    Args:
        diary: tells how many workers there are.
        asking: who asks.
        wave: pictures at once.
    """

    def __init__(self, diary: Diary, asking: Clients, wave: int) -> None:
        self._diary = diary
        self._asking = asking
        self._wave = wave
        self._random = random.Random(20)

    async def run(self) -> None:
        """Until canceled."""
        while True:
            for _ in range(self._wave):
                self._asking.ask()
            await self._trickle()

    async def _trickle(self) -> None:
        """Until few workers are left, so that the next wave brings new ones."""
        began = time.monotonic()
        while (spent := time.monotonic() - began) < MOST:
            if spent > LEAST and self._workers() <= FEW:
                return
            await asyncio.sleep(self._random.uniform(*PAUSE))
            self._asking.ask()

    def _workers(self) -> int:
        come = len(self._diary.of("worker launched"))
        return come - len(self._diary.of("worker exited"))
