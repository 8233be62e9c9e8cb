"""Reads one queue that all replicas share: what comes is handed over, kept while it is worked, then deleted.

A replica may be killed at any line: what it held shows again within its visibility time-out, to any other.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from api.connection import backoff
from wire import log, tracing
from wire.leases import Keeper
from wire.queues import Queue, QueueMissing, Received

LONGEST = 300.0  # seconds that one message may be worked in a go
LATEST = 12 * 3600  # seconds; SQS hides nothing for longer
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 900.0
_log = log.get(__name__)

Handle = Callable[[Received], Awaitable[None]]
"""Returns once the message's effect is safe; raises Later, Unusable, or anything, for another try."""


class Later(Exception):
    """It cannot be done now: let it show again after so many seconds, to whoever is there then."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Unusable(Exception):
    """Nobody can do anything with it; it belongs in the dead-letter queue."""


class Consumer:
    """Works messages side by side until it is stopped. No failure ends it. `counts` says what became of them.

    Args:
        name: of the queue, in log lines.
        handle: does what a message asks for.
        room: messages that may be in hand at once.
        poll_wait: seconds that one long poll stays open.
        visibility: seconds until a message shows again that was not finished.
    """

    def __init__(
        self, name: str, handle: Handle, room: int, poll_wait: float, visibility: int
    ) -> None:
        self._name = name
        self._handle = handle
        self.counts: Counter[str] = Counter()
        self._room = room
        self._poll_wait = poll_wait
        self._visibility = visibility
        self._in_hand: set[asyncio.Task[None]] = set()
        self._poll: asyncio.Task[list[Received]] | None = None
        self._failures = 0
        self._stopping = False
        # A pattern for long polls, which can be given up, is learned from a short one (`wire.express`).
        self._wait = 0.0

    async def run(self, queue: Queue, dead_letter: Queue) -> None:
        """Consume until stopped."""
        keeper = Keeper(queue, self._visibility, stall=LONGEST)
        extending = asyncio.create_task(keeper.run())
        try:
            while not self._stopping:
                for received in await self._receive(queue):
                    dealt = self._deal(queue, dead_letter, keeper, received)
                    task = asyncio.create_task(dealt)
                    self._in_hand.add(task)
                    task.add_done_callback(self._in_hand.discard)
                await self._has_room()
            while self._in_hand:
                await asyncio.wait(self._in_hand)
        finally:
            extending.cancel()

    async def stop(self, grace: float) -> None:
        """Take no more; what is not done within so many seconds is given back."""
        self._stopping = True
        # What a poll that is given up might still bring shows again; to await it could take 20 s.
        if self._poll is not None:
            self._poll.cancel()
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=grace)
        for task in self._in_hand:
            task.cancel()
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=1.0)

    async def _receive(self, queue: Queue) -> list[Received]:
        self._poll = asyncio.create_task(queue.receive(10, self._wait))
        try:
            taken = await self._poll
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            return []
        except Exception as error:
            if not self._failures:
                reason = repr(error.__cause__ or error)
                _log.warning("cannot consume; trying on", queue=self._name, reason=reason)
            await asyncio.sleep(backoff(self._failures))
            self._failures += 1
            return []
        finally:
            self._poll = None
        self._failures, self._wait = 0, self._poll_wait
        return taken

    async def _has_room(self) -> None:
        while len(self._in_hand) > self._room - 10:
            await asyncio.wait(self._in_hand, return_when=asyncio.FIRST_COMPLETED)

    async def _deal(
        self, queue: Queue, dead_letter: Queue, keeper: Keeper, received: Received
    ) -> None:
        try:
            with keeper.hold(received, LONGEST):
                shows_after = await self._worked(dead_letter, received)
            if shows_after is None:
                await queue.delete(received.receipt)
            else:
                await queue.extend(received.receipt, round(min(LATEST, shows_after)))
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await queue.extend(received.receipt, 0)
            raise
        except QueueMissing as error:
            _log.warning("a message's queue is gone", queue=self._name, reason=repr(error))
        except Exception as error:
            # Neither deleted nor put off, it shows again after its visibility time-out.
            reason = repr(error.__cause__ or error)
            _log.warning("a message shows again", queue=self._name, reason=reason)

    async def _worked(self, dead_letter: Queue, received: Received) -> float | None:
        """Seconds until it is to show again, None when it is done with."""
        try:
            with tracing.continued(self._name, received.trace, received.age):
                async with asyncio.timeout(LONGEST):
                    await self._handle(received)
            self.counts["done"] += 1
        except Later as later:
            self.counts["later"] += 1
            return max(0.0, later.seconds)
        except Unusable as error:
            self.counts["unusable"] += 1
            about = {"queue": self._name, "message": received.message_id}
            _log.error("a message is set aside", **about, reason=str(error))
            await dead_letter.send(received.body, received.group)
        except Exception:
            self.counts["failed"] += 1
            _log.exception("a message failed", queue=self._name, message=received.message_id)
            return pause(received.receive_count)
        return None


def pause(receives: int) -> float:
    """Seconds before the next try after so many: doubling from 1 to 900, less up to a half at random."""
    most = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(max(receives - 1, 0), 20))
    return most * random.uniform(0.5, 1.0)  # noqa: S311
