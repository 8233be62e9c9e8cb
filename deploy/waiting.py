"""What waits in the single host's own queue, by the balancer's figures: nobody outside reaches it."""

import time
from typing import Any

from deploy.account import Account

SPAN = 180  # seconds that are looked back: they are put once a minute, and told a minute later
PERIOD = 60
# What `deploy status` calls them in SQS: of each queue the figures of what waits and of what is in hand.
FIGURES = {"requests": ("QueueDepth", "InFlight"), "dead-letter": ("DeadLetters", None)}


def unknown() -> dict[str, tuple[int, int] | None]:
    """Of no queue a figure."""
    return dict.fromkeys(FIGURES)


def of_host(account: Account, deployment: str) -> dict[str, tuple[int, int] | None]:
    """Waiting and in flight as of the last minute that was told of, by queue; None where nothing was.

    Raises:
        botocore's own errors.
    """
    names = [name for pair in FIGURES.values() for name in pair if name is not None]
    now = time.time()
    answer = account.client("cloudwatch").get_metric_data(
        MetricDataQueries=[_query(name, deployment) for name in names],
        StartTime=now - SPAN,
        EndTime=now + PERIOD,
        ScanBy="TimestampDescending",
    )
    last = {
        row["Id"]: int(row["Values"][0]) for row in answer["MetricDataResults"] if row["Values"]
    }
    found = {
        queue: (last[_id(waits)], last.get(_id(flies or ""), 0))
        for queue, (waits, flies) in FIGURES.items()
        if _id(waits) in last
    }
    return unknown() | found


def _query(name: str, deployment: str) -> dict[str, Any]:
    metric = {
        "Namespace": "ClassifyCloud",
        "MetricName": name,
        "Dimensions": [{"Name": "Deployment", "Value": deployment}],
    }
    return {"Id": _id(name), "MetricStat": {"Metric": metric, "Period": PERIOD, "Stat": "Maximum"}}


def _id(name: str) -> str:
    return name[:1].lower() + name[1:]
