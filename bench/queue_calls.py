"""`python -m bench.queue_calls`: what one call to the queue costs its caller, boto3 beside `wire.express`.

CPU of this process in milliseconds a call, by turns, to the local endpoint; ten entries a batch. CPU
hardly depends on what else the machine does; the wall clock, which does, is shown beside it.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any, NamedTuple

import uvloop
from rich.console import Console
from rich.table import Table

from bench.contenders import OURS, running
from wire.aws import Aws
from wire.express import Express
from wire.queues import QueueOptions
from wire.sqs import SYSTEM_ATTRIBUTES, SqsQueues

_CALLS = 200
_ROUNDS = 5
_BATCH = 10
_BODY = "x" * 300  # about the size of a job

Caller = Callable[..., Awaitable[Any]]


class Cost(NamedTuple):
    """Milliseconds a call."""

    cpu: float
    wall: float


class Boto3:
    """The same calls, each by boto3 in a thread, as everything was called before."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        client = aws.client("sqs")
        self._methods = {
            "SendMessageBatch": client.send_message_batch,
            "ReceiveMessage": client.receive_message,
            "DeleteMessageBatch": client.delete_message_batch,
        }

    async def call(self, operation: str, **members: Any) -> Any:
        return await self._aws.call(self._methods[operation], **members)


async def costs(call: Caller, url: str) -> dict[str, Cost]:
    """Of sending ten, receiving ten, deleting ten."""
    entries = [{"Id": str(n), "MessageBody": _BODY} for n in range(_BATCH)]
    taken: list[list[str]] = []

    async def send() -> None:
        await call("SendMessageBatch", QueueUrl=url, Entries=entries)

    async def receive() -> None:
        answer = await call(
            "ReceiveMessage",
            QueueUrl=url,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=600,
            MessageSystemAttributeNames=SYSTEM_ATTRIBUTES,
        )
        taken.append([message["ReceiptHandle"] for message in answer["Messages"]])

    async def delete() -> None:
        rows = [{"Id": str(n), "ReceiptHandle": each} for n, each in enumerate(taken.pop())]
        await call("DeleteMessageBatch", QueueUrl=url, Entries=rows)

    found = {}
    for act in (send, receive, delete):
        found[act.__name__] = await _timed(act)
    return found


async def _timed(act: Callable[[], Awaitable[None]]) -> Cost:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(_CALLS):
        await act()
    spent = time.process_time() - cpu, time.perf_counter() - wall
    return Cost(*(1000 * seconds / _CALLS for seconds in spent))


async def measure() -> dict[str, dict[str, Cost]]:
    """Medians of all rounds, by way and act. The endpoint's address is in the environment."""
    aws = Aws("us-east-1")
    queues = SqsQueues(aws)
    await queues.ensure("bench-calls", QueueOptions(visibility=600))
    url = aws.client("sqs").get_queue_url(QueueName="bench-calls")["QueueUrl"]
    ways: dict[str, Caller] = {
        "boto3": Boto3(aws).call,
        "express": Express(aws, aws.client("sqs")).call,
    }
    rounds: dict[str, list[dict[str, Cost]]] = {name: [] for name in ways}
    for call in ways.values():
        await costs(call, url)  # connections, and the patterns of the first calls
    for _ in range(_ROUNDS):
        for name, call in ways.items():
            rounds[name].append(await costs(call, url))
    await aws.close()
    return {
        name: {
            act: Cost(median(one[act].cpu for one in found), median(one[act].wall for one in found))
            for act in found[0]
        }
        for name, found in rounds.items()
    }


def main() -> None:
    """Measure, print a table and JSON."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    load = os.getloadavg()[0]
    with running(OURS) as server:
        os.environ["AWS_ENDPOINT_URL_SQS"] = server.address
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(measure())
    table = Table("ms a call", *(f"{name}, {kind}" for name in found for kind in Cost._fields))
    for act in next(iter(found.values())):
        table.add_row(act, *(f"{value:.2f}" for name in found for value in found[name][act]))
    console = Console()
    console.print(table)
    console.print(f"load before {load:.1f}")
    print(
        json.dumps(
            {
                name: {act: cost._asdict() for act, cost in way.items()}
                for name, way in found.items()
            }
        )
    )


if __name__ == "__main__":
    main()
