"""The receive loop: as long as there is room, take more; each delivery travels by itself."""

import asyncio
from collections.abc import Callable

from wire import log
from wire.queues import Queue, Received
from worker.journey import Journey
from worker.patience import backoff
from worker.shift import Shift
from worker.tally import Tally

logger = log.get("worker")


class Loop:
    """Receives until the shift drains, and returns when all that it took has been finished.

    Args:
        requests: where jobs come from.
        shift: how much may be held.
        journey: what becomes of a delivery.
        tally: notes how long messages had waited.
        wait: seconds that one receive stays open.
        appetite: messages to hold at a pace, in pictures a second at full load; None while it is unknown.
    """

    def __init__(
        self,
        requests: Queue,
        shift: Shift,
        journey: Journey,
        tally: Tally,
        wait: float,
        appetite: Callable[[float | None], int],
    ) -> None:
        self._requests = requests
        self._shift = shift
        self._journey = journey
        self._tally = tally
        self._wait = wait
        self._appetite = appetite
        self._failures = 0

    async def run(self) -> None:
        """Work until drained."""
        async with asyncio.TaskGroup() as journeys:
            while not self._shift.draining:
                await self._turn(journeys)
            self._tally.pace.rest()

    async def _turn(self, journeys: asyncio.TaskGroup) -> None:
        self._shift.hold_at_most(self._appetite(self._tally.pace.per_second()))
        await self._has_room()
        if self._shift.draining:
            return
        # Once asked for, messages are ours even if the shift drains meanwhile: they are worked.
        # Suspects begin last: of those that came with them, whoever is fetched as soon goes first.
        room, pace = self._shift.room, self._tally.pace
        pace.asking()
        taken = await self._receive(room)
        for received in sorted(taken, key=lambda each: each.receive_count):
            self._tally.saw(received.age)
            journeys.create_task(self._journey.travel(received))
        await asyncio.sleep(0)  # lets the journeys begin, so that the shift knows what it holds
        more = len(taken) == room and self._shift.room > 0
        pace.received([each.age for each in taken], enough=more or self._shift.full)

    async def _has_room(self) -> None:
        shift = self._shift
        await shift.until(lambda: bool(shift.draining or shift.room or not shift.full))
        # Records that cannot be stored, or a suspect, keep others out: that is no full load.
        if not shift.room:
            self._tally.pace.rest()
            await shift.until(lambda: bool(shift.draining or shift.room))

    async def _receive(self, room: int) -> list[Received]:
        try:
            taken = await self._requests.receive(room, self._wait)
        except Exception as error:
            await self._pause(error)
            return []
        if self._failures:
            logger.info("the requests queue answers again")
        self._failures = 0
        return taken

    async def _pause(self, error: Exception) -> None:
        if not self._failures:
            logger.warning("nothing can be received; trying on", error=repr(error))
        self._failures += 1
        await self._shift.until(lambda: bool(self._shift.draining), backoff(self._failures))
