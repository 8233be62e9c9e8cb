"""The course of a call: what is asked, when it is asked again, when its job is followed. No I/O.

Each is a generator that yields what to send and when, and is given the reply, or the error, that came;
`Client` and `AsyncClient` only send and sleep.
"""

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, cast

from classifycloud.client import errors
from classifycloud.client.answers import Job
from classifycloud.client.calls import Call, Reply
from classifycloud.client.reading import read_as, retry_after
from classifycloud.client.requests import path_of
from wire import errors as wire

T = TypeVar("T")

FIRST, LONGEST = 0.25, 8.0  # seconds between two tries, doubled from one to the other
POLL = 2.0  # seconds between two looks at a job, where the service names none
TRIES = 8  # of a connection that breaks, each time anew
# The answer stands under the key: only under another one is there a new one.
ANEW = frozenset((wire.Internal.code, wire.JobExpired.code))


@dataclass(frozen=True, slots=True)
class Ask:
    """Sleep `after` seconds, then send; no byte within `timeout` seconds is an error."""

    call: Call[Any]
    timeout: float
    after: float = 0.0


Steps: TypeAlias = Generator[Ask, Reply, T]


class Patience:
    """The seconds that one call may take, all tries and pauses together."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._end = clock() + seconds
        self._clock = clock
        self.seconds = seconds
        self.chance = chance

    def left(self, after: float = 0.0) -> float:
        """Seconds that there will be in so many of them; 0 at least."""
        return max(0.0, self._end - self._clock() - after)

    def before(self, after: float) -> bool:
        """Whether it still lasts in so many seconds."""
        return after < self.left()


def answer(call: Call[T], patience: Patience) -> Steps[T]:
    """What the call brings: asked again where that helps, its job followed where it goes on.

    Raises:
        ClassifyCloudError: what came instead; the last of it where several tries were made.
    """
    tried, after = 0, 0.0
    while True:
        try:
            return call.read((yield Ask(call, patience.left(after), after)))
        except errors.Unfinished as error:
            if error.job is not None and call.late is not None:
                return (yield from _followed(call, error, patience))
            fault: errors.ClassifyCloudError = error
        except errors.ClassifyCloudError as error:
            fault = error
        after = pause(call, fault, tried, patience)
        if fault.code in ANEW:
            call = call.anew()
        tried += 1


def once(call: Call[T], patience: Patience) -> Steps[T]:
    """What the call brings just now."""
    return call.read((yield Ask(call, patience.left())))


def pause(
    call: Call[Any], fault: errors.ClassifyCloudError, tried: int, patience: Patience
) -> float:
    """Seconds until the next try; raises the fault where none would help, or none is left in time."""
    if not _helps(call, fault, tried):
        raise fault
    # Full jitter: of many clients that were refused together, no two come back together.
    after: float = patience.chance() * min(LONGEST, FIRST * 2.0**tried)
    if fault.retry_after is not None:
        after += fault.retry_after
    if not patience.before(after):
        raise fault
    return after


def _helps(call: Call[Any], fault: errors.ClassifyCloudError, tried: int) -> bool:
    if isinstance(fault, errors.Busy):
        return True
    # An unfinished job without an id may not have been sent.
    if isinstance(fault, errors.Unfinished):
        return call.keyed or call.safe
    # One that has answered before goes or comes just now; an address that never did is a wrong one.
    if isinstance(fault, errors.Unreachable):
        return fault.left and tried < TRIES
    if isinstance(fault, errors.Interrupted):
        return (call.keyed or call.safe) and tried < TRIES
    return fault.code in ANEW and tried == 0 and (call.keyed or call.safe)


def _followed(call: Call[T], told: errors.Unfinished, patience: Patience) -> Steps[T]:
    assert told.job is not None  # noqa: S101
    assert call.late is not None  # noqa: S101
    try:
        soon = POLL if told.retry_after is None else told.retry_after
        job = yield from ended(told.job, patience, soon)
    except errors.OutOfTime:
        raise told from None
    job.succeed()
    found = call.late(job)
    if isinstance(found, Call):
        return cast(T, (yield from answer(found, patience)))
    return found


def ended(uuid: str, patience: Patience, first: float = 0.0) -> Steps[Job]:
    """The job, once it has ended, however it did.

    Raises:
        OutOfTime: it has not, in time.
        ClassifyCloudError: it cannot be asked for.
    """
    after = first
    while True:
        if not patience.before(after):
            raise errors.OutOfTime(
                f"The job has not ended within {patience.seconds:g} s; it goes on.", job=uuid
            )
        job, soon = yield from _looked(uuid, patience, after)
        if job.ended:
            return job
        after = POLL if soon is None else soon


def _looked(uuid: str, patience: Patience, after: float) -> Steps[tuple[Job, float | None]]:
    def read(reply: Reply) -> tuple[Job, float | None]:
        return read_as(Job)(reply), retry_after(reply)

    call = Call("GET", path_of(uuid), read, safe=True)
    tried = 0
    while True:
        try:
            return call.read((yield Ask(call, patience.left(after), after)))
        except errors.ClassifyCloudError as error:
            after = pause(call, error, tried, patience)
            tried += 1
