"""Jobs whose client left without an answer: 504, or 503 at shutdown. Their answers go to the store.

Under `jobs/` stands until when an answer may come; under `results/` the answer itself. Any replica
reads both, so that the client need not meet the one that it asked.
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Literal

from api.jobs.marker import Marker as Marker
from api.pending import Waiting
from wire import log
from wire.errors import QueueUnavailable
from wire.messages import Answer
from wire.names import job_key, result_key
from wire.store import Store

MARK_PATIENCE = 3.0
# Seconds; in all half of the time for which an answer in hand stays hidden in its queue.
PAUSES = (0.25, 1.0, 4.0, 10.0)
_log = log.get(__name__)


class Late:
    """The jobs of this replica that are still answered though nobody waits.

    Args:
        store: where answers are kept for their clients.
        deadline: seconds from the request in which its answer may come.
        clock: monotonic seconds.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        deadline: float,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._deadline = deadline
        self._clock = clock
        self._now = now
        self._jobs: dict[str, Waiting] = {}

    def expect(self, waiting: Waiting) -> None:
        """From now on the job's answer is kept rather than handed over."""
        self._prune()
        self._jobs[waiting.uuid] = waiting

    async def mark(self, waiting: Waiting) -> None:
        """Say in the store until when the answer may come.

        A marker that cannot be written is logged only: the client gets its 504 or 503 all the same.
        """
        left = self._deadline - (self._clock() - waiting.begun)
        marker = Marker(
            uuid=waiting.uuid, image_url=waiting.image_url, until=self._now() + max(0.0, left)
        )
        try:
            async with asyncio.timeout(MARK_PATIENCE):
                await self._store.put(job_key(waiting.uuid), marker.encode().encode())
        except Exception as error:
            _log.warning("job not marked", job=waiting.uuid, reason=repr(error))

    async def keep(self, answer: Answer) -> Literal["late", "expired", "unknown"]:
        """Put the answer where its client will look for it, trying for a while.

        Raises:
            QueueUnavailable: the store cannot be reached; the answer is expected still.
        """
        waiting = self._jobs.get(answer.uuid)
        if waiting is None:
            return "unknown"
        took = self._clock() - waiting.begun
        outcome: Literal["late", "expired"] = "expired"
        if took <= self._deadline:
            timings = answer.timings.model_copy(update={"total_ms": round(took * 1000, 3)})
            kept = answer.model_copy(update={"timings": timings})
            await self._put(result_key(answer.uuid), kept.encode().encode())
            outcome = "late"
        self._jobs.pop(answer.uuid, None)
        return outcome

    async def _put(self, key: str, data: bytes) -> None:
        # Left to come again, an answer would have one try every visibility time-out: few before its deadline.
        for pause in PAUSES:
            try:
                await self._store.put_new(key, data)
            except QueueUnavailable:
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            else:
                return
        await self._store.put_new(key, data)

    def all(self) -> list[Waiting]:
        """The jobs whose answer may still come."""
        self._prune()
        return list(self._jobs.values())

    def _prune(self) -> None:
        end = self._clock() - self._deadline
        for uuid in [uuid for uuid, job in self._jobs.items() if job.begun < end]:
            del self._jobs[uuid]
