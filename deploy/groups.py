"""The balancer's Auto Scaling group: emptied before what it launches goes, filled again by the next `up`."""

from typing import Any

from deploy import naming
from deploy.account import Account
from deploy.errors import told


def still(account: Account, deployment: str) -> bool:
    """No balancer any more, and none that comes back; whether there was a group."""
    rows = _balancers(account, deployment)
    for row in rows:
        _resize(account, row, 0)
    return bool(rows)


def wake(account: Account, deployment: str) -> bool:
    """Fill what an interrupted `down` left empty, of which no stack knows; whether there was such."""
    empty = [row for row in _balancers(account, deployment) if row["MaxSize"] == 0]
    for row in empty:
        _resize(account, row, 1)
    return bool(empty)


def _resize(account: Account, row: dict[str, Any], size: int) -> None:
    with told(f"The balancer's group cannot be set to {size}"):
        account.client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=row["AutoScalingGroupName"],
            MinSize=size,
            MaxSize=size,
            DesiredCapacity=size,
        )


def _balancers(account: Account, deployment: str) -> list[dict[str, Any]]:
    scaling = account.client("autoscaling")
    with told("The balancer's group cannot be looked at"):
        pages = scaling.get_paginator("describe_auto_scaling_groups").paginate()
        rows = [row for page in pages for row in page["AutoScalingGroups"]]
    wanted = {(naming.TAG, deployment), (naming.ROLE_TAG, "balancer")}
    return [row for row in rows if wanted <= {(tag["Key"], tag["Value"]) for tag in row["Tags"]}]
