"""How a deployment is now: its stack, its machines, its queues, its alarms, its front end."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from deploy import machines, remains, shape, waiting
from deploy.account import Account
from deploy.errors import NotThere
from deploy.formation import Formation, Stack

PATIENCE = 5.0  # seconds for the front end's word


@dataclass(slots=True)
class Standing:
    """What was seen. Queues: messages waiting and in flight, by the last part of their names; None for a
    queue of which nobody knows."""

    stack: Stack
    machines: dict[str, dict[str, int]] = field(default_factory=dict)
    queues: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    replicas: int = 0
    alarms: list[str] = field(default_factory=list)
    front_end: str = "no address"

    @property
    def url(self) -> str:
        return self.stack.outputs.get("Url", "")

    @property
    def answers(self) -> bool:
        return self.front_end == "ready"


def look(account: Account, deployment: str, url: str | None = None) -> Standing:
    """Ask everybody.

    Args:
        url: of the front end; None for the stack's own.

    Raises:
        NotThere: there is no such deployment.
    """
    stack = Formation(account, deployment).stack()
    if stack is None:
        raise NotThere(deployment, account.region)
    standing = Standing(stack, machines.counted(machines.of(account, deployment)))
    if shape.keeps_its_jobs(stack.parameters):
        _own_queue(standing, account, deployment)
    else:
        _queues(standing, account, deployment)
    standing.alarms = _alarms(account, deployment)
    address = url or standing.url
    if address:
        standing.front_end = _front_end(address)
    return standing


def as_document(standing: Standing) -> dict[str, Any]:
    """For --json."""
    return {
        "deployment": standing.stack.name,
        "status": standing.stack.status,
        "url": standing.url or None,
        "frontEnd": standing.front_end,
        "machines": standing.machines,
        "queues": {
            name: None if seen is None else {"waiting": seen[0], "inFlight": seen[1]}
            for name, seen in standing.queues.items()
        },
        "replicas": standing.replicas,
        "alarms": standing.alarms,
        "outputs": dict(standing.stack.outputs),
    }


def _queues(standing: Standing, account: Account, deployment: str) -> None:
    sqs = account.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    for url in remains.queues(account, deployment):
        short = url.rsplit("/", 1)[-1].removeprefix(f"{deployment}-")
        if short.startswith("responses-"):
            standing.replicas += 1
            continue
        try:
            said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        except ClientError:
            continue  # removed meanwhile
        standing.queues[short] = (int(said[names[0]]), int(said[names[1]]))


def _own_queue(standing: Standing, account: Account, deployment: str) -> None:
    standing.replicas = standing.machines.get("host", {}).get("running", 0)
    try:
        standing.queues = waiting.of_host(account, deployment)
    except (ClientError, BotoCoreError):
        standing.queues = waiting.unknown()  # why, the alarms say


def _alarms(account: Account, deployment: str) -> list[str]:
    try:
        pages = account.client("cloudwatch").get_paginator("describe_alarms")
        rows = pages.paginate(AlarmNamePrefix=f"{deployment}-", StateValue="ALARM")
        return sorted(
            row["AlarmName"]
            for page in rows
            for row in page["MetricAlarms"]
            if row["StateValue"] == "ALARM"
        )
    except (ClientError, BotoCoreError) as error:
        return [f"? {error}"]


def _front_end(address: str) -> str:
    try:
        status = httpx.get(f"{address.rstrip('/')}/readyz", timeout=PATIENCE).status_code
    except httpx.HTTPError as error:
        return f"does not answer: {error}"
    return "ready" if status == 200 else f"answers {status}"
