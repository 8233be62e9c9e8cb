"""The queues that every part of a deployment shares, and how each is made.

On AWS they exist before any process starts; on one machine whoever comes first makes them.
"""

from dataclasses import dataclass

from wire.names import QueueNames
from wire.queues import Queue, QueueMissing, QueueOptions, Queues

DAY = 24 * 3600
# Receives after which SQS sets a job aside by itself: nobody answers or records it then. Workers find poison
# within five; this many outlast the deadline of a job that is waited for (300 s, shown again after 30), so
# that a job which only had bad luck is answered `job_expired` rather than lost.
RECEIVES = 20


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared queues, opened."""

    requests: Queue
    dead_letter: Queue
    terminate: Queue
    reports: Queue


async def open_shared(queues: Queues, names: QueueNames, visibility: int = 30) -> Shared:
    """Open the shared queues, making those that are missing."""
    dead_letter = await _open_or_make(queues, names.dead_letter, QueueOptions(retention=14 * DAY))
    requests = await _open_or_make(
        queues,
        names.requests,
        QueueOptions(
            visibility=visibility,
            retention=4 * DAY,
            dead_letter=names.dead_letter,
            max_receives=RECEIVES,
        ),
    )
    # 60 s is the least retention that SQS allows; a terminate message is valid for 5 s only.
    terminate = await _open_or_make(queues, names.terminate, QueueOptions(retention=60))
    return Shared(requests, dead_letter, terminate, await open_reports(queues, names))


async def open_reports(queues: Queues, names: QueueNames) -> Queue:
    """Open the reports queue alone, making it where it is missing."""
    # Nobody deletes a report: that would double the calls for something that is worth nothing after a
    # minute. What was received stays hidden until it has expired.
    return await _open_or_make(queues, names.reports, QueueOptions(visibility=90, retention=60))


async def _open_or_make(queues: Queues, name: str, options: QueueOptions) -> Queue:
    # Whoever holds messages relies on this visibility: an older queue's own may be another.
    try:
        return await queues.open(name, options.visibility)
    except QueueMissing:
        await queues.ensure(name, options)
        return await queues.open(name, options.visibility)
