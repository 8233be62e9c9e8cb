"""A token bucket of our own, a little below EC2's, so that calls are held back before they are refused.

As remembered from docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, EC2 gives RunInstances
and StartInstances each a bucket of 5 calls, 2 more a second, and one of 1 000 instances, 2 more a second;
TerminateInstances and StopInstances 1 000 instances, 20 more a second. An account shares them with whatever
else runs in it, hence a refusal lowers the rate until calls succeed again.
"""

LEAST_RATE = 0.1  # a call in 10 s: two ticks after throttling ends, the next call is made
SLOWER = 0.5
FASTER = 1.25


class Bucket:
    """Tokens. Times are in seconds, on the clock of whoever asks; rates in tokens a second.

    Args:
        size: tokens in a full bucket.
        rate: tokens that come back in a second.
    """

    def __init__(self, size: float, rate: float) -> None:
        self._size = size
        self._base = rate
        self._rate = rate
        self._tokens = size
        self._at: float | None = None

    def left(self, now: float) -> int:
        """Whole tokens that could be taken now."""
        self._fill(now)
        return int(self._tokens + 1e-9)

    def take(self, now: float, tokens: int = 1) -> bool:
        """Take that many, or none and say so."""
        if self.left(now) < tokens:
            return False
        self._tokens -= tokens
        return True

    def refused(self, now: float) -> None:
        """EC2 throttled a call: what was thought to be left is not there."""
        self._fill(now)
        self._tokens = 0.0
        self._rate = max(min(LEAST_RATE, self._base), self._rate * SLOWER)

    def granted(self) -> None:
        """A call went through."""
        self._rate = min(self._base, self._rate * FASTER)

    def _fill(self, now: float) -> None:
        if self._at is not None:
            self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
