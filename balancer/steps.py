"""The last step of a policy: from the workers it wants to what is launched and sent away, within bounds.

    F = min(W_max, max(W_min, wanted))      feasible workers
    F > N_w   launch F - N_w
    F < N_w   send N_w - F terminate messages, but none for a worker whose first minute is paid anyway

Above W_max the surplus goes at once, paid or not.
"""

from collections.abc import Mapping

from balancer.plan import Limits, Plan, Snapshot

LEAST = "W_min"
PAID = "paid minute"


def feasible(wanted: int, limits: Limits) -> tuple[int, str | None]:
    """The number of workers within the bounds that is nearest to `wanted`, and the bound that moved it."""
    if wanted > limits.max_workers:
        return limits.max_workers, limits.max_bound
    if wanted < limits.min_workers:
        return limits.min_workers, LEAST
    return wanted, None


def toward(
    wanted: int, snapshot: Snapshot, limits: Limits, reason: str, numbers: Mapping[str, float]
) -> Plan:
    """Launch or send away what lies between the workers there are and those that are wanted."""
    desired, bound = feasible(wanted, limits)
    launch = max(0, desired - snapshot.workers)
    surplus = max(0, snapshot.workers - desired)
    leave = min(surplus, max(0, snapshot.workers - snapshot.fresh))
    leave = max(leave, snapshot.workers - limits.max_workers)
    if leave < surplus:
        bound = bound or PAID
    return Plan(desired, reason, launch, leave, numbers, bound)
