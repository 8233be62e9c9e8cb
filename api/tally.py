"""How requests about pictures have fared in this replica since its start: by code, and how long they took.

Told in its reports, so that the balancer knows it of all replicas. What only looks something up is not among
them: it would hide, by being quick, how long pictures take.
"""

from collections import Counter

from wire.latency import bucket

# By the routes' own templates.
COUNTED = frozenset(
    {
        "/classify",
        "/features",
        "/v2/models/{model}/infer",
        "/v2/models/{model}/versions/{version}/infer",
    }
)
GOOD = "ok"


class Tally:
    """Counts; both only grow. `seconds` is of those that were answered well, by bucket."""

    def __init__(self) -> None:
        self.codes: Counter[str] = Counter()
        self.seconds: Counter[int] = Counter()

    def add(self, route: str, code: str, seconds: float) -> None:
        """One request was answered."""
        if route not in COUNTED:
            return
        self.codes[code] += 1
        if code == GOOD:
            self.seconds[bucket(seconds)] += 1
