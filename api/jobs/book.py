"""What is kept of asynchronous jobs: their markers, and what stands under their ids."""

import asyncio
from dataclasses import dataclass

from api.jobs.marker import Marker, Order
from wire.errors import JobExists, JobNotFound
from wire.messages import Answer
from wire.names import features_key, job_key, result_key, uploaded
from wire.store import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """A job, and the answer that stands under its id, None before there is one."""

    marker: Marker
    order: Order
    answer: Answer | None


class Book:
    """Reads and writes them; every call raises QueueUnavailable when the store cannot be reached."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def enter(self, marker: Marker, chosen: bool) -> Entry:
        """Open a job, or find the one that was opened by the same request before.

        Args:
            marker: of the job.
            chosen: whether its id may have been used before, for one that is forgotten by now.

        Raises:
            JobExists: another job has the id, or had it.
        """
        order = _order(marker)
        if chosen and (answer := await self.answer(marker.uuid)) is not None:
            return Entry(await self._same(marker), order, answer)
        if await self._store.put_new(job_key(marker.uuid), marker.encode().encode()):
            return Entry(marker, order, None)
        same = await self._same(marker)
        return Entry(same, _order(same), await self.answer(marker.uuid))

    async def find(self, uuid: str, client: str) -> Entry:
        """A client's job.

        Raises:
            JobNotFound: there is none, or it is another client's.
        """
        marker, answer = await self.read(uuid)
        if marker is None or marker.order is None or marker.order.client != client:
            raise JobNotFound
        return Entry(marker, marker.order, answer)

    async def read(self, uuid: str) -> tuple[Marker | None, Answer | None]:
        """Whatever is kept under an id. A marker without an order is that of a job that was waited for."""
        # A marker is never removed before there is an answer, so that this order misses nothing.
        answer = await self.answer(uuid)
        data = await self._store.get(job_key(uuid))
        return (None if data is None else Marker.decode(data)), answer

    async def answer(self, uuid: str) -> Answer | None:
        """What stands under an id, None where nothing does."""
        data = await self._store.get(result_key(uuid))
        return None if data is None else Answer.decode(data)

    async def settle(self, answer: Answer) -> tuple[Answer, bool]:
        """Put it where nothing stands yet; what stands then, and whether it is this."""
        if await self._store.put_new(result_key(answer.uuid), answer.encode().encode()):
            return answer, True
        return await self.answer(answer.uuid) or answer, False

    async def strike(self, entry: Entry, tombstone: Answer) -> None:
        """Forget a job. What stands is replaced rather than removed: its message may still be under way,
        and whoever receives it must find that nothing is to be done."""
        uuid = entry.marker.uuid
        await self._store.put(result_key(uuid), tombstone.encode().encode())
        await self._store.delete(job_key(uuid))
        kept = (features_key(uuid), uploaded(entry.marker.image_url))
        await asyncio.gather(*(self._store.delete(key) for key in kept if key is not None))

    async def _same(self, marker: Marker) -> Marker:
        data = await self._store.get(job_key(marker.uuid))
        known = None if data is None else Marker.decode(data)
        ours = _order(marker)
        if known is None or known.order is None:
            raise JobExists
        if (known.order.client, known.order.fingerprint) != (ours.client, ours.fingerprint):
            raise JobExists
        return known


def _order(marker: Marker) -> Order:
    assert marker.order is not None  # noqa: S101
    return marker.order
