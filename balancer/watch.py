"""Since when the balancer has been listening without a gap: nobody was silent before that."""

FRESH = 30.0
MISSED_LOOKS = 3


def freshness(tick: float) -> float:
    """Seconds for which a look counts as recent, at one every `tick` seconds: a slow beat is no gap."""
    return max(FRESH, MISSED_LOOKS * tick)


class Watch:
    """Times are seconds on the balancer's clock; `now` is when it began.

    A look is recent for `fresh` seconds.
    """

    def __init__(self, now: float, fresh: float = FRESH) -> None:
        self._fresh = fresh
        self.since = now
        self._looked_at = now

    def begin(self, now: float) -> None:
        """Listen from now on: not everybody was heard before. It is no look."""
        self.since = now

    def looked(self, now: float) -> None:
        """All reports until now are in. After a gap (an outage, a stopped process) it begins anew."""
        if not self.is_fresh(now):
            self.since = now
        self._looked_at = now

    def is_fresh(self, now: float) -> bool:
        """Whether the last look is recent enough to tell silence from deafness."""
        return now - self._looked_at <= self._fresh
