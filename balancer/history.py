"""What earlier ticks saw, for policies that look back. The balancer and the simulator keep the same."""

from collections import deque
from collections.abc import Iterable

from balancer.plan import Past, Plan, Snapshot

HORIZON = 1800.0  # seconds; the longest look back is that of a policy's forecast


class History:
    """The ticks of the last `horizon` seconds."""

    def __init__(self, past: Iterable[Past] = (), horizon: float = HORIZON) -> None:
        self._past = deque(past)
        self._horizon = horizon

    def past(self) -> tuple[Past, ...]:
        """Oldest first."""
        return tuple(self._past)

    def add(self, saw: Snapshot, plan: Plan, now: float) -> None:
        """Remember one tick and forget what is too old."""
        self._past.append(
            Past(
                at=now,
                queued=saw.queued,
                in_flight=saw.in_flight,
                workers=saw.workers,
                busy=saw.busy,
                arrived=saw.arrived,
                desired=plan.desired,
                launching=saw.launching,
            )
        )
        while self._past[0].at < now - self._horizon:
            self._past.popleft()
