"""EC2 Auto Scaling, target tracking on the backlog per instance, as documented; for comparison.

    metric = messages visible / instances in service, one datapoint a minute
    target = acceptable wait / time of one message
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-target-tracking-metric-math.html

3 datapoints in a row above the target scale out, 15 in a row below 90 % of it scale in; the alarms are made
by AWS and cannot be set (seen in https://github.com/aws-samples/amazon-aurora-labs-for-mysql/issues/3,
https://github.com/aws/containers-roadmap/issues/638; the manual says only that scaling in is more gradual,
so the 90 % are what such alarms are seen to have). The step out is proportional to metric / target and
rounded to the side of more instances; the step in is no greater than a tenth of the instances, one at
least, and comes again with each datapoint while the alarm lasts. Instances that warm up count neither in
the metric nor as capacity, and nothing scales in while some do.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html

In its favor: a datapoint is known in the second it is taken, where CloudWatch lags by a minute, and the
warm-up is the measured boot time instead of the default of 300 s. How gradually it scales in the manual
does not say. Whole proportional steps would drop to W_min as soon as nothing waits, and make pictures wait
up to 8 times as long; a quarter at a time is dominated more often than a tenth, a half as often, here
better and there worse (docs/decisions/0007-scaling-policies.md).
"""

from math import ceil

from balancer.plan import Limits, Past, Plan, Snapshot
from balancer.steps import toward

PERIOD = 60.0
OUT = 3
IN = 15
IN_SHARE = 0.9
IN_STEP = 0.1


def plan(snapshot: Snapshot, limits: Limits, now: float) -> Plan:
    """Decide one tick; `numbers` carries the metric, the target and the instances in service."""
    service = snapshot.service_seconds or limits.service_seconds
    target = limits.target_wait / service
    serving = max(0, snapshot.workers - snapshot.launching)
    metric = snapshot.queued / max(1, serving)
    numbers = {"metric": metric, "target": target, "in service": serving}
    held = snapshot.past[-1].desired if snapshot.past else snapshot.workers
    if snapshot.past and int(now // PERIOD) == int(snapshot.past[-1].at // PERIOD):
        return toward(held, snapshot, limits, "between two datapoints", numbers)
    points = [*_datapoints(snapshot), metric]
    proportional = ceil(round(max(1, serving) * metric / target, 9))
    if len(points) >= OUT and all(point > target for point in points[-OUT:]):
        reason = "3 datapoints above the target"
        return toward(max(held, proportional), snapshot, limits, reason, numbers)
    low = len(points) >= IN and all(point < IN_SHARE * target for point in points[-IN:])
    if low and not snapshot.launching:
        reason = "15 datapoints below 90 % of the target"
        gradual = held - max(1, int(IN_STEP * held))
        return toward(min(held, max(gradual, proportional)), snapshot, limits, reason, numbers)
    return toward(held, snapshot, limits, "neither alarm", numbers)


def _datapoints(snapshot: Snapshot) -> list[float]:
    """The metric at the first tick of each earlier minute, oldest first."""
    found = []
    before: Past | None = None
    for past in snapshot.past:
        if before is None or int(past.at // PERIOD) != int(before.at // PERIOD):
            found.append(past.queued / max(1, past.workers - past.launching))
        before = past
    return found
