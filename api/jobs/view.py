"""A job as its client reads it."""

from api.documents import AtWork, JobStatus, SeenThrough
from api.jobs import states
from api.jobs.book import Entry
from api.jobs.estimate import position, seconds
from api.jobs.outlook import Outlook
from wire.messages import Answer

SHORTEST, LONGEST = 1, 30  # seconds that a client is asked to wait before it looks again


def status(entry: Entry, in_hand: bool, outlook: Outlook | None, now: float) -> JobStatus:
    """What is known of a job.

    Args:
        entry: what is kept of it.
        in_hand: whether a worker says that it has it.
        outlook: what an estimate is made of; None for none.
        now: seconds since the epoch.
    """
    order, state = entry.order, states.state(entry.answer, in_hand)
    told = JobStatus(
        uuid=entry.marker.uuid,
        id=order.id,
        status=state,
        image_url=entry.marker.image_url,
        submitted_at=round(order.submitted, 3),
        expires_at=round(entry.marker.until, 3),
        retry_of=order.retry_of,
    )
    if entry.answer is not None:
        return told.model_copy(update=of_answer(entry.answer))
    return told if outlook is None else told.model_copy(update=_ahead(entry, state, outlook, now))


def retry_after(told: JobStatus) -> int:
    """Seconds after which it is worth looking again."""
    return max(SHORTEST, min(LONGEST, round(told.estimate or 0)))


def of_answer(answer: Answer) -> dict[str, object]:
    """The part of a status that is its answer."""
    if answer.error is not None:
        return {"error": answer.error}
    return {
        "result": answer.result,
        "labels": answer.labels,
        "features": _seen(answer),
        "model": answer.model,
        "model_version": answer.model_version,
        "timings": answer.timings,
        "cached": answer.cached,
    }


def _ahead(entry: Entry, state: states.State, outlook: Outlook, now: float) -> dict[str, object]:
    crew, order = outlook.crew, entry.order
    if state == "running":
        return {"estimate": None if crew is None else round(crew.alone, 1)}
    workers = None if crew is None else AtWork(ready=crew.ready, starting=len(crew.coming))
    if order.ahead is None or outlook.waiting is None:
        return {"workers": workers}
    # What was worked since is not counted for each job: it follows from the pace of those who work now.
    since = max(0.0, now - order.submitted)
    done = 0.0 if crew is None else since * crew.ready * crew.rate
    ahead = position(order.ahead, outlook.waiting, done)
    left = None if crew is None else seconds(ahead, crew)
    estimate = None if left is None else round(left, 1)
    return {"position": ahead, "estimate": estimate, "workers": workers}


def _seen(answer: Answer) -> SeenThrough | None:
    if answer.features is None:
        return None
    return SeenThrough.model_validate(
        answer.features.model_dump(include=set(SeenThrough.model_fields))
    )
