"""KEDA with its SQS scaler and the Horizontal Pod Autoscaler under it, as documented; for comparison.

KEDA's own part, every `pollingInterval` (30 s): from 0 to 1 as soon as there is a message, to 0 when there
was none for `cooldownPeriod` (300 s). https://keda.sh/docs/2.14/concepts/scaling-deployments/
Messages are visible plus in flight (`scaleOnInFlight`, on by default), `queueLength` (5 by default, here
QOS) is what one pod shall have. https://keda.sh/docs/2.14/scalers/aws-sqs/

The HPA's part, every 15 s (`--horizontal-pod-autoscaler-sync-period`), from 1 up:
    recommendation = ceil(messages / queueLength), unless messages / (queueLength * current) is in 1 ± 0.1
    up:    at once, by at most max(100 %, 4 pods) in 15 s
    down:  to the highest recommendation of the last 300 s
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/

In KEDA's favor: pods on their way count, the metric is fresh at each sync (`useCachedMetrics: false`),
nodes need no time of their own, and the idle go first, which Kubernetes does not promise.
"""

from math import ceil

from balancer.plan import Limits, Past, Plan, Snapshot
from balancer.steps import feasible, toward

POLL = 30.0
COOLDOWN = 300.0
SYNC = 15.0
TOLERANCE = 0.1
STABILIZATION = 300.0
UP_PODS = 4
UP_FACTOR = 2


def plan(snapshot: Snapshot, limits: Limits, now: float) -> Plan:
    """Decide one tick; `numbers` carries the messages, the recommendation and the window's highest."""
    last = snapshot.past[-1] if snapshot.past else None
    current = last.desired if last else snapshot.workers
    messages = snapshot.queued + snapshot.in_flight
    numbers = {"messages": messages, "queueLength": limits.qos, "current": current}
    if current == 0 or (messages == 0 and limits.min_workers == 0):
        wanted, reason = _activation(snapshot, current, now)
        if wanted != current or current == 0:
            return toward(wanted, snapshot, limits, reason, numbers)
    if last and int(now // SYNC) == int(last.at // SYNC):
        return toward(current, snapshot, limits, "between two syncs of the HPA", numbers)
    asked = recommendation(messages, current, limits)
    highest = max([asked, *_recommended(snapshot, limits, now)])
    numbers |= {"recommendation": asked, "highest": highest}
    wanted, reason = _behavior(current, asked, highest)
    # Below 1 is KEDA's business.
    return toward(max(1, wanted), snapshot, limits, reason, numbers)


def recommendation(messages: int, current: int, limits: Limits) -> int:
    """What the HPA makes of the metric alone, within the bounds."""
    if current and abs(1 - messages / (limits.qos * current)) <= TOLERANCE:
        return current
    return feasible(max(1, ceil(messages / limits.qos)), limits)[0]


def _recommended(snapshot: Snapshot, limits: Limits, now: float) -> list[int]:
    """The recommendations of the window, made again from what was seen then."""
    found = []
    before: Past | None = None
    for past in snapshot.past:
        if past.at > now - STABILIZATION and (
            before is None or int(past.at // SYNC) != int(before.at // SYNC)
        ):
            current = before.desired if before else past.workers
            found.append(recommendation(past.queued + past.in_flight, current, limits))
        before = past
    return found


def _behavior(current: int, asked: int, highest: int) -> tuple[int, str]:
    if asked > current:
        # The period of the limits is that of the syncs, so that what it starts from is what there is.
        fastest = max(UP_FACTOR * current, current + UP_PODS)
        if asked > fastest:
            return fastest, "HPA: up, as fast as it may"
        return asked, "HPA: up to the recommendation"
    if highest < current:
        return highest, "HPA: down to the highest recommendation of 300 s"
    return current, "HPA: as many as recommended, or stabilizing"


def _activation(snapshot: Snapshot, current: int, now: float) -> tuple[int, str]:
    """What KEDA's own loop makes of it: 0, 1 or what there is."""
    polls = [(past.at, past.queued + past.in_flight) for past in snapshot.past]
    polls.append((now, snapshot.queued + snapshot.in_flight))
    polls = [
        poll
        for before, poll in zip([(-POLL, 0), *polls], polls, strict=False)
        if int(poll[0] // POLL) != int(before[0] // POLL)
    ]
    polled = polls[-1][0] == now
    if current == 0:
        active = polled and polls[-1][1] > 0
        return (1, "KEDA: activated") if active else (0, "KEDA: idle, or not yet polled")
    quiet = all(messages == 0 for at, messages in polls if at >= now - COOLDOWN)
    if polled and quiet and polls[0][0] <= now - COOLDOWN:
        return 0, "KEDA: no message for the cool-down"
    return current, "KEDA: cooling down"
