"""What lies in the dead-letter queue: looked at without taking it away, sent again, or removed.

A look has to receive, and what is received is hidden from others. It is given back when the command ends;
one that is killed first gives it back by the visibility time-out.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from wire.admission import read
from wire.hold import HIDDEN, Hold
from wire.messages import Answer, Job, Undecodable
from wire.names import QueueNames, result_key, suspect_key, upload_key, upload_url
from wire.queues import Queue, Queues, Received
from wire.store import Store

LOOK = 100  # messages of one look


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the dead-letter queue. `job` is None where no worker can read it; `fault` says why."""

    received: Received
    job: Job | None
    fault: str = ""

    @property
    def id(self) -> str:
        """The job's id, or the message's where there is no job."""
        return self.received.message_id if self.job is None else self.job.uuid

    @property
    def kind(self) -> str:
        return "undecodable" if self.job is None else "poison job"

    @property
    def url(self) -> str:
        """The picture's URL without its query, which may hold a signature, and without credentials."""
        text = "" if self.job is None else self.job.image_url.partition("?")[0].partition("#")[0]
        return "" if "@" in text else text

    @property
    def looks(self) -> int:
        """How often it was received here before this look."""
        return self.received.receive_count - 1

    def is_called(self, name: str) -> bool:
        return name in (self.id, self.received.message_id)


def letter(received: Received, names: QueueNames) -> Letter:
    """A delivery as a worker of the deployment would read it."""
    try:
        return Letter(received, read(received.body, names))
    except Undecodable as error:
        return Letter(received, None, str(error))


def again(body: str) -> str:
    """A job's body as it is sent again: its answer is to be found by id, for nobody may wait any more."""
    return json.dumps(json.loads(body) | {"persist": "each"})


class DeadLetters:
    """The dead-letter queue of one deployment and what goes with it."""

    def __init__(self, names: QueueNames, dead: Queue, requests: Queue, store: Store) -> None:
        self._names = names
        self._dead = dead
        self._hold = Hold(dead)
        self._requests = requests
        self._store = store
        self._sent: set[str] = set()

    @classmethod
    async def open(cls, queues: Queues, names: QueueNames, store: Store) -> "DeadLetters":
        """Raises QueueMissing where the deployment has no queues yet."""
        dead = await queues.open(names.dead_letter, HIDDEN)
        return cls(names, dead, await queues.open(names.requests), store)

    async def waiting(self) -> int:
        """About how many there are, those that others look at included."""
        depth = await self._dead.depth()
        return depth.visible + depth.in_flight

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """What is looked at in the block is this command's; what is still there at its end is given back."""
        async with self._hold.kept():
            yield

    async def look(self, most: int = LOOK) -> list[Letter]:
        """Up to `most` messages, oldest first, that are not held yet. No further ones: an empty list."""
        taken = await self._hold.more(most)
        letters = [letter(each, self._names) for each in taken]
        return sorted(letters, key=lambda each: each.received.sent_at)

    async def redrive(self, dead: Letter) -> None:
        """Send the job to the workers again.

        A kill in between costs nothing: before the send, the message lies here as it did; after it, the
        job is both here and there, and sent twice it still has one answer, kept under its id.

        Raises:
            ValueError: no worker can read it.
        """
        if dead.job is None:
            raise ValueError(dead.fault)
        uuid = dead.job.uuid
        if uuid not in self._sent:  # a worker that was killed midway may have put it here twice
            await self._acquit(uuid)
            await self._requests.send(again(dead.received.body), dead.received.group)
            self._sent.add(uuid)
        await self._hold.delete(dead.received)

    async def purge(self, dead: Letter) -> None:
        """Remove the message for good, and its picture if that came as bytes."""
        await self._hold.delete(dead.received)
        if dead.job is not None and dead.job.image_url == upload_url(upload_key(dead.job.uuid)):
            await self._store.delete(upload_key(dead.job.uuid))

    async def verdict(self, uuid: str) -> Answer | None:
        """The answer that is kept under the job's id."""
        data = await self._store.get(result_key(uuid))
        with suppress(Undecodable):
            return None if data is None else Answer.decode(data)
        return None

    async def _acquit(self, uuid: str) -> None:
        # Workers let a stored answer stand, and call a job poison whose note they find.
        kept = await self.verdict(uuid)
        if kept is not None and kept.error is not None and kept.error.code == "worker_crashed":
            await self._store.delete(result_key(uuid))
        await self._store.delete(suspect_key(uuid))
