"""The scaling criterion of the original service.

    D = ceil(N_q / QOS)                        desired workers
    F = min(W_max, D)                          feasible workers
    S = ceil((F - N_w) * SCALING_FACTOR)       missing workers

S > 0 launches S; S < 0 with messages waiting sends -S - W_min terminate messages; a queue that was
empty on all ticks of the kill-all delay sends idle workers away. The paper contradicts itself on S = 0:
its text kills all idle workers, its code does so for an empty queue only. This follows the code.
The bounds come first: no step leads below W_min or above W_max, whatever the factor.
"""

from math import ceil

from balancer.plan import Limits, Plan, Snapshot
from balancer.steps import feasible, room


def plan(snapshot: Snapshot, limits: Limits, now: float) -> Plan:
    """Decide one tick; `numbers` carries D, F and S."""
    desired = ceil(snapshot.queued / limits.qos)
    within, bound = feasible(desired, limits)
    most = min(limits.max_workers, desired)
    # Rounded first: 10 * 1.1 is 11.000000000000002, and its ceiling 12.
    missing = ceil(round((most - snapshot.workers) * limits.scaling_factor, 9))
    launch, terminate, reason = _step(snapshot, limits, now, missing)
    return Plan(
        desired=within,
        reason=reason,
        launch=launch,
        terminate=terminate,
        numbers={"D": desired, "F": most, "S": missing},
        bound=limits.max_bound if launch < missing else bound,
    )


def _step(snapshot: Snapshot, limits: Limits, now: float, missing: int) -> tuple[int, int, str]:
    """Workers to launch, terminate messages to send, and why."""
    free = room(snapshot, limits)
    spare = snapshot.workers - limits.min_workers
    if spare < 0 and missing <= -spare:
        return min(-spare, free), 0, "fewer workers than W_min"
    if missing > 0:
        launch = min(missing, free)
        return launch, 0, "S > 0: workers are missing" if launch else "already at W_max"
    if snapshot.queued > 0:
        leave = max(0, min(-missing - limits.min_workers, spare))
        if missing == 0:
            return 0, 0, "S = 0: as many workers as wanted"
        return 0, leave, "S < 0: workers to spare" if leave else "S < 0 but W_min is kept"
    return _empty(snapshot, limits, now, spare)


def _empty(snapshot: Snapshot, limits: Limits, now: float, spare: int) -> tuple[int, int, str]:
    since = now if snapshot.empty_since is None else snapshot.empty_since
    if now - since < limits.kill_all_delay:
        return 0, 0, "queue empty, kill-all delay not over"
    leave = max(0, min(snapshot.idle, spare))
    return 0, leave, "queue empty for the kill-all delay" if leave else "queue empty, none to spare"
