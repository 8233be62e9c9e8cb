"""An EC2 instance as the fleet sees it, and the tags that say whose it is and what it is for.

Keys have letters and dashes only: with tags in the instance metadata EC2 allows no spaces and no
slashes in them (docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wire.names import ACTIVE_TAG

DEPLOYMENT = "classifycloud-deployment"
LAUNCH = "classifycloud-launch"
ROLE = "classifycloud-role"
YES, NO = "yes", "no"
WORKER, STANDBY = "worker", "standby"
SPOT, ON_DEMAND = "spot", "on-demand"

ALIVE = frozenset({"pending", "running"})
ENDED = frozenset({"shutting-down", "terminated"})


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance. `launched_at` is in seconds since the epoch, of its last start.

    `token` is the client token of the call that launched it. `role` is what it was launched as: a
    standby stays one while it works, and is `active` then.
    """

    id: str
    state: str
    role: str
    active: bool
    kind: str
    market: str
    token: str
    launched_at: float
    zone: str = ""

    @property
    def works(self) -> bool:
        """Whether it counts as a worker: it runs, or will, and no gate holds it back."""
        return self.state in ALIVE and (self.role == WORKER or self.active)

    @property
    def gated(self) -> bool:
        return self.state in ALIVE and self.role == STANDBY and not self.active

    @property
    def asleep(self) -> bool:
        return self.state == "stopped" and self.role == STANDBY

    @property
    def spare(self) -> bool:
        """Whether it belongs to the pool that waits: gated, stopped or on its way there."""
        return self.gated or (self.role == STANDBY and self.state in {"stopping", "stopped"})


def parsed(raw: Mapping[str, Any]) -> Instance:
    """Read one of `Instances` in the answers of RunInstances and DescribeInstances."""
    tags = {tag["Key"]: tag["Value"] for tag in raw.get("Tags", ())}
    started = raw.get("LaunchTime")
    return Instance(
        id=raw["InstanceId"],
        state=raw["State"]["Name"],
        role=tags.get(ROLE, WORKER),
        active=tags.get(ACTIVE_TAG, YES) == YES,
        kind=raw.get("InstanceType", ""),
        market=SPOT if raw.get("InstanceLifecycle") == "spot" else ON_DEMAND,
        token=tags.get(LAUNCH, raw.get("ClientToken", "")),
        launched_at=started.timestamp() if started is not None else 0.0,
        zone=raw.get("Placement", {}).get("AvailabilityZone", ""),
    )


def tags(deployment: str, token: str, role: str) -> list[dict[str, str]]:
    """What an instance is launched with."""
    active = NO if role == STANDBY else YES
    pairs = {DEPLOYMENT: deployment, LAUNCH: token, ROLE: role, ACTIVE_TAG: active}
    # People look for a name in the console.
    pairs["Name"] = f"{deployment}-{role}"
    return [{"Key": key, "Value": value} for key, value in pairs.items()]
