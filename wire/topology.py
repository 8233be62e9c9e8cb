"""The queues that every part of a deployment shares, and how each is made.

On AWS they exist before any process starts; on one machine whoever comes first makes them.
"""

from dataclasses import dataclass

from wire.names import QueueNames
from wire.queues import Queue, QueueMissing, QueueOptions, Queues

DAY = 24 * 3600
# Receives after which SQS sets a job aside by itself, to where outcomes are read: there what nobody waits
# for, rows of bulk jobs too, is answered, and goes on to the dead-letter queue (`api.chores.outcomes`).
# Workers find poison within five; this many outlast the deadline of a job that is waited for (300 s, shown
# again after 30), so that a job which only had bad luck is answered `job_expired` rather than lost.
RECEIVES = 20
# A chore that waits, for a receiver that is away for one, is received again and again: more often than a job
# ever should be, and not for ever.
CHORE_RECEIVES = 100


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
    requests = await _requests(queues, names, visibility)
    # 60 s is the least retention that SQS allows; a terminate message is valid for 5 s only.
    terminate = await _open_or_make(queues, names.terminate, QueueOptions(retention=60))
    return Shared(requests, dead_letter, terminate, await open_reports(queues, names))


@dataclass(frozen=True, slots=True)
class Durable:
    """What every replica of the front end reads: nothing in them is lost with one of them."""

    outcomes: Queue
    chores: Queue


async def open_durable(queues: Queues, names: QueueNames, visibility: int = 30) -> Durable:
    """Open them, making those that are missing. Their dead-letter queue must be there (`open_shared`)."""
    options = _durable(names, visibility)
    outcomes = await _open_or_make(queues, names.outcomes, options)
    return Durable(outcomes, await _open_or_make(queues, names.chores, options))


async def open_reports(queues: Queues, names: QueueNames) -> Queue:
    """Open the reports queue alone, making it where it is missing."""
    # Nobody deletes a report: that would double the calls for something that is worth nothing after a
    # minute. What was received stays hidden until it has expired.
    return await _open_or_make(queues, names.reports, QueueOptions(visibility=90, retention=60))


async def _requests(queues: Queues, names: QueueNames, visibility: int) -> Queue:
    options = QueueOptions(visibility, 4 * DAY, names.outcomes, RECEIVES)
    try:
        return await queues.open(names.requests, visibility)
    except QueueMissing:
        # Not asked for before: not everybody who opens requests may ask for outcomes.
        await _open_or_make(queues, names.outcomes, _durable(names, visibility))
    return await _open_or_make(queues, names.requests, options)


def _durable(names: QueueNames, visibility: int) -> QueueOptions:
    return QueueOptions(visibility, 4 * DAY, names.dead_letter, CHORE_RECEIVES)


async def _open_or_make(queues: Queues, name: str, options: QueueOptions) -> Queue:
    # Whoever holds messages relies on this visibility: an older queue's own may be another.
    try:
        return await queues.open(name, options.visibility)
    except QueueMissing:
        await queues.ensure(name, options)
        return await queues.open(name, options.visibility)
