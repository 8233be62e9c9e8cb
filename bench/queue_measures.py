"""What is measured of an SQS server, through boto3, within a budget of time for each figure."""

import random
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_BODY = "x" * 300  # about the size of a job
_BATCH = 10
_LEAST_ROUNDS = 2

CpuSeconds = Callable[[], float]
"""Seconds of CPU that the server has used."""

Progress = Callable[[float], None]
"""Told the fraction done, 0 to 1."""


class Wake(NamedTuple):
    """Milliseconds from just before a send is made until an open long poll brought the message."""

    median_ms: float
    p95_ms: float
    max_ms: float
    samples: int


class Rate(NamedTuple):
    """Messages per second over `messages` messages, at `depth` messages in the queue.

    `cpu_us` is the server's CPU for one message, in microseconds; unlike the rate it hardly depends
    on what else the machine does.
    """

    per_second: float
    messages: int
    depth: int
    cpu_us: float


def wake(client: "SQSClient", receiver: "SQSClient", samples: int, progress: Progress) -> Wake:
    """Send single messages to a receiver that waits; out of step with any tick of the server."""
    url = client.create_queue(QueueName="bench-wake")["QueueUrl"]
    delays: list[float] = []
    for sample in range(samples):
        arrived: list[float] = []
        poll = threading.Thread(target=_poll_once, args=(receiver, url, arrived))
        poll.start()
        time.sleep(random.uniform(0.03, 0.15))
        sent = time.perf_counter()
        client.send_message(QueueUrl=url, MessageBody=_BODY)
        poll.join()
        if not arrived:
            raise RuntimeError("a long poll of 20 s ended without the message that was sent")
        delays.append(1000 * (arrived[0] - sent))
        progress((sample + 1) / samples)
    delays.sort()
    return Wake(median(delays), delays[int(0.95 * len(delays))], delays[-1], len(delays))


def send(
    client: "SQSClient", cpu_s: CpuSeconds, messages: int, budget_s: float, progress: Progress
) -> Rate:
    """Fill an empty queue in batches of ten."""
    url = client.create_queue(QueueName="bench-send")["QueueUrl"]
    started, used_s = time.perf_counter(), cpu_s()
    sent = _fill(client, url, messages, budget_s, progress)
    spent_s = time.perf_counter() - started
    return Rate(sent / spent_s, sent, 0, 1e6 * (cpu_s() - used_s) / sent)


def receive_delete(
    client: "SQSClient",
    cpu_s: CpuSeconds,
    depth: int,
    messages: int,
    budget_s: float,
    progress: Progress,
) -> Rate | None:
    """Receive ten and delete ten, with `depth` messages behind them.

    The refill is not in the rate; it is in the CPU.

    None if the queue could not be filled within the budget.
    """
    url = client.create_queue(QueueName=f"bench-drain-{depth}")["QueueUrl"]
    if _fill(client, url, depth, budget_s, lambda done: progress(done / 2)) < depth:
        return None
    spent_s, drained, used_s = 0.0, 0, cpu_s()
    while drained < messages and (spent_s < budget_s or drained < _LEAST_ROUNDS * _BATCH):
        _send_ten(client, url)
        started = time.perf_counter()
        drained += _drain_ten(client, url)
        spent_s += time.perf_counter() - started
        progress(0.5 + max(drained / messages, spent_s / budget_s) / 2)
    return Rate(drained / spent_s, drained, depth, 1e6 * (cpu_s() - used_s) / drained)


def _fill(client: "SQSClient", url: str, messages: int, budget_s: float, progress: Progress) -> int:
    sent, deadline = 0, time.perf_counter() + budget_s
    while sent < messages and (time.perf_counter() < deadline or sent < _LEAST_ROUNDS * _BATCH):
        sent += _send_ten(client, url)
        progress(sent / messages)
    return sent


def _send_ten(client: "SQSClient", url: str) -> int:
    answer = client.send_message_batch(
        QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": _BODY} for n in range(_BATCH)]
    )
    return len(answer["Successful"])


def _drain_ten(client: "SQSClient", url: str) -> int:
    messages = client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=_BATCH, VisibilityTimeout=600
    ).get("Messages", [])
    if not messages:
        raise RuntimeError("a queue that holds messages gave none")
    answer = client.delete_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
            for n, message in enumerate(messages)
        ],
    )
    return len(answer["Successful"])


def _poll_once(client: "SQSClient", url: str, arrived: list[float]) -> None:
    messages = client.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", [])
    if messages:
        arrived.append(time.perf_counter())
        client.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
