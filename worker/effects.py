"""What a worker does to the world, each effect tried again through an outage.

The order in which they are called is the journey's; here is only how each is done.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from wire import log, tracing
from wire.messages import INLINE, NPY, Answer, Undecodable
from wire.names import features_key, picture_key, result_key, upload_key
from wire.queues import Queue, QueueMissing, Queues, Received
from wire.records import Record
from wire.store import Store
from worker.ended import Ended
from worker.parcel import Parcel
from worker.patience import insist
from worker.records import Records

R = TypeVar("R")

logger = log.get("worker")


class Effects:
    """Replies, records, results and deletes.

    Args:
        queues: opens the reply queues.
        requests: where parcels came from.
        dead_letter: where what nobody can work goes.
        store: keeps results.
        records: keeps a line for every picture.
        by_picture: whether each picture's latest record is also kept under its URL.
    """

    def __init__(
        self,
        queues: Queues,
        requests: Queue,
        dead_letter: Queue,
        store: Store,
        records: Records,
        by_picture: bool = False,
    ) -> None:
        self._queues = queues
        self._requests = requests
        self._dead_letter = dead_letter
        self._store = store
        self._records = records
        self._by_picture = by_picture
        self._ended = Ended(store)

    async def earlier(self, parcel: Parcel) -> Answer | None:
        """The answer that a worker stored before it went without replying; or what stands in its place, where
        an asynchronous job was canceled, or ran out of time, before a worker came to it."""
        if parcel.job.order is not None and not parcel.job.alone:
            return await self._ended_before(parcel)
        if parcel.job.persist != "each" or not (parcel.suspect or parcel.job.alone):
            return None
        return await self._insist(parcel, lambda: self._stored(parcel))

    async def _ended_before(self, parcel: Parcel) -> Answer | None:
        """What a row is answered whose bulk job has come to its end. Nothing is logged of so many."""
        job = parcel.job
        error = await self._insist(parcel, lambda: self._ended.error(job.uuid))
        if error is None:
            return None
        return Answer(
            uuid=job.uuid, image_url=job.image_url, error=error, order=job.order, hook=job.hook
        )

    async def lighten(self, parcel: Parcel, answer: Answer) -> Answer:
        """Keep what is too large for a message in the store; the answer that says where."""
        features = answer.features
        if features is None or features.npy is None or len(features.npy) <= INLINE:
            return answer
        key, data = features_key(answer.uuid), features.npy
        with tracing.span("store", bytes=len(data)):
            await self._insist(parcel, lambda: self._store.put(key, data, NPY))
        kept = features.model_copy(update={"npy": None, "key": key})
        return answer.model_copy(update={"features": kept})

    async def store(self, parcel: Parcel, answer: Answer) -> Answer:
        """Store an answer that must be found by id; the answer that stands, which may be an older one."""
        if parcel.job.persist != "each":
            return answer
        return await self._settle(parcel, answer)

    async def reply(self, parcel: Parcel, answer: Answer, patience: float = 0.0) -> None:
        """Send the answer to whoever asked. When the asker has gone, keep it to be found by id.

        It may wait `patience` seconds for others to share its call."""
        try:
            await self._insist(parcel, lambda: self._send(parcel.job.reply_to, answer, patience))
        except QueueMissing:
            await self._settle(parcel, answer)

    async def record(self, parcel: Parcel, answer: Answer) -> None:
        """Keep the picture's line; returns once it is stored."""
        at = datetime.fromtimestamp(parcel.received.sent_at, UTC) + timedelta(seconds=parcel.age)
        line = Record.line(answer, at)
        # While a suspect is in hand nothing else is received: it should not wait for company.
        add = self._records.add_now if parcel.suspect else self._records.add
        await self._insist(parcel, lambda: add(line))
        if self._by_picture and answer.error is None:
            key = picture_key(answer.image_url)
            await self._insist(parcel, lambda: self._store.put(key, line.encode()))

    async def bury(self, parcel: Parcel) -> None:
        """Keep a poison message's body in the dead-letter queue."""
        received = parcel.received
        await self._insist(parcel, lambda: self._dead_letter.send(received.body, received.group))

    async def remove_upload(self, parcel: Parcel) -> None:
        """Remove the job's own picture if it came as bytes. After the record: whoever receives the job
        again and finds no picture then knows that nothing is left to do."""
        if parcel.has_own_upload:
            key = upload_key(parcel.job.uuid)
            await self._insist(parcel, lambda: self._store.delete(key))

    async def delete(self, parcel: Parcel) -> None:
        """The journey is over: the message shows no more."""
        with suppress(QueueMissing):
            await self._insist(parcel, lambda: self._requests.delete(parcel.received.receipt))

    async def give_back(self, parcel: Parcel) -> None:
        """Unanswered, for somebody else, at once. One try: it shows again by itself in any case."""
        try:
            await self._requests.extend(parcel.received.receipt, 0)
        except Exception as error:
            logger.warning("it shows again later", job=parcel.job.uuid, error=repr(error))
        else:
            logger.warning("a job was given back", job=parcel.job.uuid)

    async def set_aside(self, received: Received, ends: float) -> None:
        """Move a message that is no job to the dead-letter queue.

        Raises:
            GivenUp: an outage lasted until `ends`, in monotonic seconds.
        """
        await insist(
            lambda: self._dead_letter.send(received.body, received.group),
            ends,
            message=received.message_id,
        )
        await insist(lambda: self._requests.delete(received.receipt), ends)

    async def _settle(self, parcel: Parcel, answer: Answer) -> Answer:
        key, data = result_key(answer.uuid), answer.encoded.encode()
        with tracing.span("store", bytes=len(data)):
            new = await self._insist(parcel, lambda: self._store.put_new(key, data))
        if new:
            return answer
        return await self._insist(parcel, lambda: self._stored(parcel)) or answer

    async def _stored(self, parcel: Parcel) -> Answer | None:
        data = await self._store.get(result_key(parcel.job.uuid))
        with suppress(Undecodable):
            return Answer.decode(data) if data is not None else None
        return None

    async def _send(self, name: str, answer: Answer, patience: float) -> None:
        queue = await self._queues.open(name)
        await queue.send(answer.encoded, patience=patience)

    async def _insist(self, parcel: Parcel, act: Callable[[], Awaitable[R]]) -> R:
        return await insist(act, parcel.ends, parcel.lease.progress, job=parcel.job.uuid)
