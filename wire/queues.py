"""What a queue is, whatever stands behind it. `wire.sqs` is the real one, `wire.memory` its twin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from wire.errors import QueueUnavailable


class QueueMissing(Exception):
    """The queue does not exist (any more): its replica has gone."""


class QueueNameBusy(Exception):
    """A queue of this name was deleted less than 60 s ago; SQS keeps the name unusable for so long."""


class TooManyInFlight(QueueUnavailable):
    """SQS hands nothing out before some of the 120 000 messages in flight are deleted or show again."""


class MessageRefused(Exception):
    """SQS will not take this entry, however often it is tried: it is too large, or malformed."""


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery of a message. All times are SQS time, in seconds since the epoch.

    `age` is the time from sending to this delivery: exact to the millisecond on the first receive,
    to the second of the response's `Date` on later ones. No local clock takes part in it. `group` is
    what it was sent with: whoever sends it on, to the dead-letter queue or back, should keep it.
    `trace` is the span that it was sent in (`wire.tracing`), where both ends record.
    """

    body: str
    message_id: str
    receipt: str
    receive_count: int
    sent_at: float
    age: float
    group: str | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """Approximate counts, as SQS gives them."""

    visible: int
    in_flight: int
    delayed: int = 0


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """How a queue is made. Times in seconds; `dead_letter` names the queue that redrive moves to."""

    visibility: int = 30
    retention: int = 4 * 24 * 3600
    dead_letter: str | None = None
    max_receives: int = 5


class Queue(Protocol):
    """One queue. Every call raises QueueMissing when it is gone, QueueUnavailable when SQS is."""

    @property
    def name(self) -> str: ...

    async def send(self, body: str, group: str | None = None, patience: float = 0.0) -> None:
        """Return once SQS has acknowledged the message. Singles sent together travel as one batch.

        What is sent while a span is recorded takes along which, as an attribute beside the body.

        Args:
            body: the message's text.
            group: on whose behalf it is sent, its MessageGroupId: 1 to 128 letters, digits or ASCII
                punctuation. While one group holds much of what is in flight, SQS hands out other
                groups' messages first. Without one, a message is a group of its own.
            patience: seconds that it can wait for others to share its call, under load.

        Raises:
            MessageRefused: SQS will never take it.
        """

    async def send_many(self, bodies: Sequence[str], group: str | None = None) -> None:
        """Send in batches of ten; returns once every one is acknowledged."""

    async def receive(self, limit: int = 10, wait: float = 20.0) -> list[Received]:
        """Take up to `limit` (1 to 10) messages, waiting up to `wait` (0 to 20) seconds for the first.

        Never abandon this call: what it brings is invisible to everybody else for the visibility
        time-out. Await it to its end.
        """

    async def delete(self, receipt: str) -> None:
        """Delete a delivery. A stale receipt deletes nothing, and SQS may still answer success."""

    async def extend(self, receipt: str, seconds: int) -> None:
        """Set the time from now until the message shows again; 0 gives it back at once.

        A receipt that is stale or no longer in flight is ignored.
        """

    async def depth(self) -> Depth:
        """How many messages wait, and how many are in flight."""


class Queues(Protocol):
    """An account's queues."""

    async def ensure(self, name: str, options: QueueOptions) -> Queue:
        """Open the queue, making it first where it is missing.

        Raises:
            QueueNameBusy: the name was deleted less than 60 s ago.
        """

    async def open(self, name: str, visibility: int | None = None) -> Queue:
        """Open an existing queue.

        Args:
            name: the queue's.
            visibility: seconds that what is received stays hidden; the queue's own when left out.

        Raises:
            QueueMissing: there is none.
        """

    async def remove(self, name: str) -> None:
        """Delete the queue and all in it; nothing happens when there is none."""

    async def names(self, prefix: str) -> list[str]:
        """The names of the queues that begin with the prefix."""

    async def close(self) -> None:
        """Wait for open calls, then let the connections go."""
