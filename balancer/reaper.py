"""Response queues whose replica is gone: their answers are kept by id, then the queue is removed."""

import asyncio
from collections.abc import Callable

from balancer.replicas import Replicas
from balancer.ticks import ticks
from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Answer, Undecodable
from wire.names import QueueNames, result_key
from wire.queues import Queue, QueueMissing, Queues, Received
from wire.store import Store

_log = log.get(__name__)

LIST_EVERY = 60.0
MOST_BATCHES = 20


class Reaper:
    """Salvages and removes.

    A replica that said that it stopped, or that was silent for `reap_after` seconds, reads its queue
    no more. A late answer is kept under its job's id while the queue stands; the queue goes once the
    replica was silent for `reap_after` seconds and nothing is left in it. Only who may act does so.
    """

    def __init__(
        self,
        queues: Queues,
        names: QueueNames,
        store: Store,
        dead_letter: Queue,
        replicas: Replicas,
        reap_after: float,
        clock: Callable[[], float],
        may_act: Callable[[], bool] = lambda: True,
    ) -> None:
        self._queues = queues
        self._prefix = names.responses_prefix
        self._store = store
        self._dead_letter = dead_letter
        self._replicas = replicas
        self._reap_after = reap_after
        self._clock = clock
        self._may_act = may_act
        self._found: set[str] = set()
        self._listed_at: float | None = None

    async def run(self, period: float, stop: asyncio.Event) -> None:
        """One round every `period` seconds until `stop`; an outage skips the round."""
        async for _ in ticks(period, stop):
            if not self._may_act():
                continue
            try:
                await self.reap(self._clock())
            except QueueUnavailable as error:
                _log.warning("response queues not looked at", fault=repr(error))
            except Exception:
                _log.exception("reaping failed")

    async def reap(self, now: float) -> None:
        """One round over the response queues."""
        await self._list(now)
        # Clients of a replica that left were told to ask again within seconds: its answers cannot
        # wait for the next listing.
        self._found |= self._replicas.just_stopped()
        for replica in sorted(self._found):
            over = self._replicas.silent_for(replica, now) >= self._reap_after
            if over or self._replicas.has_stopped(replica, now):
                await self._settle(replica, remove=over)

    async def _list(self, now: float) -> None:
        if self._listed_at is not None and now - self._listed_at < LIST_EVERY:
            return
        self._listed_at = now
        names = await self._queues.names(self._prefix)
        self._found = {name.removeprefix(self._prefix) for name in names}
        for replica in self._found:
            self._replicas.listed(replica, now)
        self._replicas.forget_silent(self._found, self._reap_after, now)

    async def _settle(self, replica: str, remove: bool) -> None:
        try:
            queue = await self._queues.open(f"{self._prefix}{replica}")
            kept = await self._salvage(queue)
            depth = await queue.depth() if remove else None
        except QueueMissing:
            self._found.discard(replica)
            return
        if kept:
            _log.info("late answers kept", replica=replica, answers=kept)
        if depth is not None and depth.visible + depth.in_flight == 0:
            await self._queues.remove(queue.name)
            self._found.discard(replica)
            _log.info("response queue removed", replica=replica)

    async def _salvage(self, queue: Queue) -> int:
        kept = 0
        for _ in range(MOST_BATCHES):
            batch = await queue.receive(limit=10, wait=0)
            if not batch:
                break
            await asyncio.gather(*(self._keep(queue, received) for received in batch))
            kept += len(batch)
        return kept

    async def _keep(self, queue: Queue, received: Received) -> None:
        try:
            answer = Answer.decode(received.body)
        except Undecodable as fault:
            _log.warning("undecodable answer set aside", fault=str(fault))
            await self._dead_letter.send(received.body)
        else:
            # A replica wakes its own poll with an answer about no picture.
            if answer.image_url:
                await self._store.put_new(result_key(answer.uuid), received.body.encode())
                _log.info("answer kept for its asker", job=answer.uuid, queue=queue.name)
        await queue.delete(received.receipt)
