"""The state of an asynchronous job. Pure: it is derived each time from what is kept, and stored nowhere.

    queued <-> running -> succeeded | failed | canceled | expired

The answer under `results/` is the one point of decision: a worker puts its own there, a cancel and a deadline
put a verdict, each only where there is nothing yet. Who comes second takes what stands. So a job comes to
one end, and no replica ever sees another; before that it may go from running back to queued, when its worker
dies.
"""

from typing import Literal

from api.jobs.marker import Marker
from wire.errors import JobCanceled, JobExpired, ServiceError
from wire.messages import Answer, ErrorBody

State = Literal["queued", "running", "succeeded", "failed", "canceled", "expired"]
FINAL: frozenset[State] = frozenset({"succeeded", "failed", "canceled", "expired"})
GRACE = 30.0  # seconds; an answer sent at the deadline is still on its way to the store
_BY_CODE: dict[str, State] = {JobCanceled.code: "canceled", JobExpired.code: "expired"}


def settled(answer: Answer) -> State:
    """What an answer that stands says."""
    if answer.error is None:
        return "succeeded"
    return _BY_CODE.get(answer.error.code, "failed")


def state(answer: Answer | None, in_hand: bool) -> State:
    """A job's.

    Args:
        answer: what stands under its id.
        in_hand: whether a worker says that it has it.
    """
    if answer is not None:
        return settled(answer)
    return "running" if in_hand else "queued"


def is_overdue(marker: Marker, now: float) -> bool:
    """Whether no answer can come any more, at a time in seconds since the epoch."""
    return now > marker.until + GRACE


def verdict(marker: Marker, error: ServiceError) -> Answer:
    """What is put in an answer's place. It repeats of the job what every answer does."""
    job = None if marker.order is None else marker.order.job
    return Answer(
        uuid=marker.uuid,
        image_url=marker.image_url,
        error=ErrorBody.of(error),
        order=job and job.order,
        hook=job and job.hook,
    )
