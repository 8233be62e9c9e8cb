"""A message on its way through the worker, with the job inside it."""

import time
from dataclasses import dataclass, field

from wire.leases import Lease
from wire.messages import Job, Timings
from wire.names import upload_key, upload_url
from wire.queues import Received

SUSPECT = 2
REPEATED = 3


@dataclass(slots=True)
class Spent:
    """Where a job's time went, in seconds."""

    queue: float = 0.0
    fetch: float = 0.0
    decode: float = 0.0
    inference: float = 0.0

    def timings(self) -> Timings:
        parts = (self.queue, self.fetch, self.decode, self.inference)
        queue, fetch, decode, inference = (round(1000 * part, 3) for part in parts)
        return Timings(
            queue_ms=queue,
            fetch_ms=fetch,
            decode_ms=decode,
            inference_ms=inference,
            total_ms=round(1000 * sum(parts), 3),
        )


@dataclass(slots=True, eq=False)
class Parcel:
    """One delivery. Times are monotonic seconds of this process, counted on from SQS's own age.

    `ends` is when it may be tried no more; `waiting` is true while it is nobody's turn but the queue's.
    `accused` of having killed its worker, it is tried apart from this one.
    """

    received: Received
    job: Job
    lease: Lease
    ends: float
    arrived: float = field(default_factory=lambda: time.monotonic())
    spent: Spent = field(default_factory=Spent)
    waiting: bool = True
    accused: bool = False

    @property
    def suspect(self) -> bool:
        """Received before: its last worker never finished it."""
        return self.received.receive_count >= SUSPECT

    @property
    def repeated(self) -> bool:
        """Received twice before: accused, if it was being worked alone when its last worker went."""
        return self.received.receive_count >= REPEATED

    @property
    def age(self) -> float:
        """Seconds of SQS time since it was sent."""
        return self.received.age + time.monotonic() - self.arrived

    @property
    def expired(self) -> bool:
        """Whether its deadline has passed."""
        return self.age > self.job.deadline

    @property
    def has_own_upload(self) -> bool:
        """Whether its picture came as bytes that are kept for this job alone, until it is answered."""
        return self.job.image_url == upload_url(upload_key(self.job.uuid))

    def begins(self) -> None:
        """Its own step runs: from here on it must itself make progress to be kept."""
        self.waiting = False
        self.lease.progress()

    def waits(self) -> None:
        """Its step is over, and the next one is not its turn yet."""
        self.waiting = True
        self.lease.progress()
