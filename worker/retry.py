"""Whether a fetch that failed is worth another try, and when.

Beside `worker.patience`: that waits out an outage of our own queues and store, as long as the message is
ours, and ends without an answer. This is for origins: a few tries, and the last error is the answer.
"""

from dataclasses import dataclass

from wire.errors import FetchTimeout, IncompleteBody, ServiceError, UpstreamUnreachable
from wire.outside.origin import Dropped, NoSuchName, OriginStatus
from worker.breaker import LeftAlone
from worker.patience import backoff

PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses that mean "not now"
SHARE = 0.25  # of a job's deadline; of 300 s it leaves 75, and a client waits for 120
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


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a picture is fetched: `most` times, for `seconds` each at most."""

    most: int = 3
    seconds: float = 15.0

    def next(self, error: ServiceError, made: int, deadline: float, age: float) -> float | None:
        """Seconds until the next try of a job with this deadline and age, both in seconds after it was sent.

        Another one begins only if it is over within its share of the deadline, with all of its seconds:
        a client that waits hears of it.
        """
        return next_try(error, made, self.most, deadline * SHARE - self.seconds - age)


def _passes(error: ServiceError) -> bool:
    if isinstance(error, OriginStatus):
        return error.answered in PASSING
    if isinstance(error, (NoSuchName, LeftAlone)):  # it is left alone for longer than a pause
        return False
    return isinstance(error, (UpstreamUnreachable, Dropped, IncompleteBody, FetchTimeout))
