"""The instances of a deployment: by role and state, and their end."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from deploy import naming
from deploy.account import Account
from deploy.errors import DeployError, told

LIVE = ("pending", "running", "stopping", "stopped", "shutting-down")
EVERY = 3.0  # seconds between looks
PATIENCE = 600.0  # seconds until instances that were told to end must have
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Machine:
    """One instance. `role` is what its tag says: worker, standby, api, balancer, host,
    remote; other where there is none.
    """

    id: str
    role: str
    state: str
    kind: str
    launched: float


def of(account: Account, deployment: str) -> list[Machine]:
    """All that have not ended."""
    mine = [
        {"Name": f"tag:{naming.TAG}", "Values": [deployment]},
        {"Name": "instance-state-name", "Values": list(LIVE)},
    ]
    found: list[Machine] = []
    with told("The instances cannot be listed"):
        pages = account.client("ec2").get_paginator("describe_instances").paginate(Filters=mine)
        for page in pages:
            for row in page["Reservations"]:
                for each in row["Instances"]:
                    tags = {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])}
                    found.append(
                        Machine(
                            each["InstanceId"],
                            tags.get(naming.ROLE_TAG, "other"),
                            each["State"]["Name"],
                            each.get("InstanceType", ""),
                            each["LaunchTime"].timestamp(),
                        )
                    )
    return found


def counted(machines: list[Machine]) -> dict[str, dict[str, int]]:
    """How many by role, then state. Pure."""
    counts: dict[str, Counter[str]] = {}
    for each in machines:
        counts.setdefault(each.role, Counter())[each.state] += 1
    return {role: dict(count) for role, count in sorted(counts.items())}


def end(account: Account, machines: list[Machine]) -> None:
    """Ask for the end of these."""
    ids = [each.id for each in machines if each.state != "shutting-down"]
    with told("The instances cannot be ended"):
        for at in range(0, len(ids), AT_ONCE):
            account.client("ec2").terminate_instances(InstanceIds=ids[at : at + AT_ONCE])


def until_gone(
    account: Account,
    deployment: str,
    which: Callable[[Machine], bool],
    every: float = EVERY,
    patience: float = PATIENCE,
) -> None:
    """Wait until none of these is left.

    Raises:
        DeployError: some are left when patience ends.
    """
    over = time.monotonic() + patience
    while left := [each.id for each in of(account, deployment) if which(each)]:
        if time.monotonic() > over:
            raise DeployError(
                f"{len(left)} instances have not ended after {patience:.0f} s: {', '.join(left[:5])}.\n"
                "Look at them in the EC2 console, then run the command again."
            )
        time.sleep(every)
