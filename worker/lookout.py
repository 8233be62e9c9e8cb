"""The look-out for terminate messages.

An idle worker listens all the time, so that it takes a message within milliseconds; a busy one
looks now and then. One that turned busy while it listened gives the message back: somebody idle should
have it. No poll is abandoned, for a message in its answer would then be lost for half a minute.
"""

from collections.abc import Awaitable, Callable

from wire import log
from wire.messages import Terminate, Undecodable
from wire.queues import Queue, Received
from worker.patience import backoff
from worker.shift import Shift

VALID_SECONDS = 5.0  # of SQS time
# Seconds from one look of a busy worker to its next at least: the requests after which it looks took the
# original seconds, and a quick one has more than as many in one receive.
REST = 1.0

logger = log.get("worker")


class Lookout:
    """Drains the shift when a valid message is taken.

    Args:
        terminate: the queue of terminate messages.
        shift: idle or busy, and drained by this.
        wait: seconds that an idle worker's poll stays open.
        every: seconds between a busy worker's looks.
        after: requests between a busy worker's looks.
        paid_for: seconds from now that are paid in any case, asked for once it may begin; until they
            are over nothing is taken, nor even looked for.
    """

    def __init__(
        self,
        terminate: Queue,
        shift: Shift,
        wait: float,
        every: float,
        after: int,
        paid_for: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._terminate = terminate
        self._shift = shift
        self._wait = wait
        self._every = every
        self._after = after
        self._paid_for = paid_for
        self._failures = 0
        self.expired = 0

    async def run(self) -> None:
        """Look until the shift drains."""
        await self._shift.until(lambda: bool(self._shift.draining or not self._shift.standby))
        await self._shift.until(lambda: bool(self._shift.draining), max(0.0, self._paid_for()))
        while not self._shift.draining:
            if self._shift.busy:
                await self._glance()
            else:
                await self._listen()

    async def _listen(self) -> None:
        for received in await self._receive(self._wait):
            if (self._shift.draining or self._shift.busy) and not _is_expired(received):
                await self._give_back(received)
            else:
                await self._take(received)

    async def _glance(self) -> None:
        due = self._shift.received + self._after
        rest = min(REST, self._every)
        if not await self._shift.until(lambda: not self._is_busy(), rest):
            await self._shift.until(
                lambda: not self._is_busy() or self._shift.received >= due, self._every - rest
            )
        if self._is_busy():
            for received in await self._receive(0):
                await self._take(received)

    async def _take(self, received: Received) -> None:
        await self._quietly(self._terminate.delete(received.receipt))
        if _is_expired(received):
            self.expired += 1
            logger.info("a terminate message came too late", age=received.age, count=self.expired)
            return
        try:
            order = Terminate.decode(received.body)
        except Undecodable as error:
            logger.error("a terminate message is none", error=str(error))
            return
        self._shift.drain(order.taken())

    def _is_busy(self) -> bool:
        return bool(self._shift.busy and not self._shift.draining)

    async def _give_back(self, received: Received) -> None:
        await self._quietly(self._terminate.extend(received.receipt, 0))

    async def _receive(self, wait: float) -> list[Received]:
        try:
            taken = await self._terminate.receive(1, wait)
        except Exception as error:
            if not self._failures:
                logger.warning("terminate messages cannot be received", error=repr(error))
            self._failures += 1
            await self._shift.until(lambda: bool(self._shift.draining), backoff(self._failures))
            return []
        self._failures = 0
        return taken

    async def _quietly(self, effect: Awaitable[None]) -> None:
        # A message that stays behind is shown to others again, and too old by then.
        try:
            await effect
        except Exception as error:
            logger.warning("a terminate message stays behind", error=repr(error))


def _is_expired(received: Received) -> bool:
    return received.age > VALID_SECONDS
