"""The pool of stopped on-demand instances: what to wake, what to put to sleep, how many to add.

Pure. A standby is launched gated, boots, loads what it needs, and stops: by itself or, a warm-up later,
because the fleet stops it. Woken it is a worker; when it powers off after that, it is back in the pool.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from balancer.fleets.ec2.instances import Instance


@dataclass(frozen=True, slots=True)
class Care:
    """What the pool needs: instances to stop, to terminate (ids), and how many to launch."""

    stop: tuple[str, ...]
    terminate: tuple[str, ...]
    launch: int


def wakeable(instances: Iterable[Instance], wanted: int) -> list[Instance]:
    """Up to that many to wake: those that run already, then the stopped, then those in their first boot."""
    # One that is stopping can be started only once it has stopped.
    ready = [each for each in instances if each.gated or each.asleep]
    ready.sort(key=lambda each: (_RANK[each.state], each.launched_at, each.id))
    return ready[:wanted]


def care(instances: Iterable[Instance], target: int, promised: int, warm: Sequence[str]) -> Care:
    """Compare the pool with what it should be.

    Args:
        instances: all that are not ended.
        target: instances to keep.
        promised: launched ones that nobody has seen yet.
        warm: ids of those that ran behind the gate for long enough.
    """
    pool = sorted(
        (each for each in instances if each.spare), key=lambda each: (_SPARE[each.state], each.id)
    )
    excess = max(0, len(pool) + promised - target)
    surplus = tuple(each.id for each in pool[:excess])
    stop = tuple(ident for ident in warm if ident not in surplus)
    return Care(stop, surplus, max(0, target - len(pool) - promised))


_RANK = {"running": 0, "stopped": 1, "pending": 2}
# The least useful first.
_SPARE = {"pending": 0, "running": 1, "stopping": 2, "stopped": 3}
