"""The loop that empties this replica's response queue.

It drops only what nobody waits for: an answer goes to who does, or to the store for who
left without it. A message is deleted after its answer is safe.
"""

import asyncio
import secrets
from collections import deque

from api.connection import Lines, backoff
from api.late import Late
from api.limits.hosts import Hosts
from api.metrics import Metrics
from api.pending import Pending
from wire import log, tracing
from wire.errors import QueueUnavailable
from wire.messages import Answer, Undecodable
from wire.queues import QueueMissing, Received

REMEMBERED = 10_000
_log = log.get(__name__)


class Collector:
    """Reads one response queue until it is stopped.

    Args:
        poll_wait: seconds that one long poll stays open.
    """

    def __init__(
        self, pending: Pending, late: Late, hosts: Hosts, metrics: Metrics, poll_wait: float
    ) -> None:
        self._pending = pending
        self._late = late
        self._hosts = hosts
        self._metrics = metrics
        self._poll_wait = poll_wait
        self._settled: deque[str] = deque(maxlen=REMEMBERED)
        self._known: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = f"wake-{secrets.token_hex(6)}"
        self._failures = 0
        self.stopping = False

    @property
    def reachable(self) -> bool:
        """Whether the last poll got through."""
        return self._failures == 0

    async def run(self, lines: Lines) -> None:
        """Collect until stopped.

        Raises:
            QueueMissing: the response queue has been removed under us.
        """
        while not self.stopping:
            await self._collect(lines)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self, lines: Lines) -> None:
        """End the loop. A poll is never abandoned, so the one that is open gets a message to bring."""
        self.stopping = True
        await lines.responses.send(Answer(uuid=self._wake, image_url="").encode())

    async def _collect(self, lines: Lines) -> None:
        try:
            deliveries = await lines.responses.receive(10, self._poll_wait)
        except QueueMissing:
            raise
        except Exception as error:
            _log.warning("cannot collect", reason=repr(error.__cause__ or error))
            await asyncio.sleep(backoff(self._failures))
            self._failures += 1
            return
        self._failures = 0
        for delivery in deliveries:
            task = asyncio.create_task(self._deal(lines, delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deal(self, lines: Lines, delivery: Received) -> None:
        try:
            with tracing.continued("collect", delivery.trace, delivery.age):
                await self._judge(lines, delivery)
            await lines.responses.delete(delivery.receipt)
        except (QueueUnavailable, QueueMissing) as error:
            # Not deleted, it comes again after its visibility time-out.
            _log.warning("answer kept for later", reason=repr(error))
        except Exception:
            _log.exception("answer not dealt with", message=delivery.message_id)

    async def _judge(self, lines: Lines, delivery: Received) -> None:
        try:
            answer = Answer.decode(delivery.body)
        except Undecodable as error:
            _log.error("undecodable answer", message=delivery.message_id, reason=str(error))
            await lines.shared.dead_letter.send(delivery.body)
            self._metrics.answer("undecodable")
            return
        if answer.uuid != self._wake:
            self._hosts.answered(answer.uuid)
            outcome = await self._settle(answer)
            self._metrics.answer(outcome)
            tracing.say(job=answer.uuid, outcome=outcome)
            _log.routine("answer", job=answer.uuid, outcome=outcome)

    async def _settle(self, answer: Answer) -> str:
        # First whether it is wanted: a keyed job may be sent, and answered, anew under its id.
        answered = self._pending.settle(answer)
        # Of those who waited for one job some may have left with its id, to ask for it later.
        outcome: str = await self._late.keep(answer)
        if answered:
            outcome = "answered"
        elif outcome == "unknown" and answer.uuid in self._known:
            return "duplicate"
        self._remember(answer.uuid)
        return outcome

    def _remember(self, uuid: str) -> None:
        if uuid in self._known:
            return
        if len(self._settled) == REMEMBERED:
            self._known.discard(self._settled[0])
        self._settled.append(uuid)
        self._known.add(uuid)
