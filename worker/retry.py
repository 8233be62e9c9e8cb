"""Whether a fetch that failed is worth another try, and when.

Beside `worker.patience`: that waits out an outage of our own queues and store, as long as the message is
ours, and ends without an answer. This is for origins: a few tries, and the last error is the answer.
"""

from wire.errors import FetchTimeout, IncompleteBody, ServiceError, UpstreamUnreachable
from worker.origin import Dropped, NoSuchName, OriginStatus
from worker.patience import backoff

PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses that mean "not now"
SHARE = 0.25  # of a job's deadline, in which its tries must be over
FIRST = 0.5  # seconds; the longest pause before the second try
LONGEST = 10.0  # seconds that an origin may ask to be left alone


def next_try(error: ServiceError, made: int, most: int, left: float) -> float | None:
    """Seconds until the next try; None when the error is the answer.

    Args:
        error: how the last try ended.
        made: tries so far.
        most: tries allowed. After a time-out, which costs the most, two.
        left: seconds within which another try must have begun.
    """
    allowed = min(most, 2) if isinstance(error, FetchTimeout) else most
    if made >= allowed or not _passes(error):
        return None
    asked = error.asks_for if isinstance(error, OriginStatus) else None
    pause = max(asked or 0.0, backoff(made - 1, FIRST))
    return pause if pause <= min(left, LONGEST) else None


def left(deadline: float, age: float, fetch: float) -> float:
    """Seconds within which another try must begin so that whoever waits hears of its end.

    Args:
        deadline: of the job, in seconds after it was sent.
        age: of the job, in seconds.
        fetch: seconds that a try takes at most.
    """
    return deadline * SHARE - age - fetch


def _passes(error: ServiceError) -> bool:
    if isinstance(error, OriginStatus):
        return error.answered in PASSING
    if isinstance(error, NoSuchName):
        return False
    return isinstance(error, (UpstreamUnreachable, Dropped, IncompleteBody, FetchTimeout))
