"""How many calls to SQS and S3 a phase took, as the endpoints themselves count them."""

import re
import urllib.request
from collections import Counter
from typing import NamedTuple

_COUNT = re.compile(r'^(\w+)\{action="(\w+)"(?:,queue="([^"]*)")?\} (\d+)$', re.MULTILINE)
_SQS, _CARRIED, _S3 = "sqs_calls_total", "sqs_call_messages_total", "s3_requests_total"

Key = tuple[str, str, str]
"""Metric, action, queue's name without what is its own in each run."""


class Made(NamedTuple):
    """Calls of a phase: all to SQS, PutObject to S3, and by action and queue what SQS was asked for."""

    sqs: int
    puts: int
    by_action: dict[str, int]
    messages: dict[str, int]


class Calls:
    """Counts from now on.

    Args:
        queues: address of the local SQS endpoint.
        storage: address of the local S3 endpoint.
    """

    def __init__(self, queues: str, storage: str) -> None:
        self._addresses = (f"{queues}/metrics", f"{storage}/_counts")
        self._before = self._now()

    def made(self) -> Made:
        """Since the beginning."""
        more = self._now() - self._before
        by_action: Counter[str] = Counter()
        messages: Counter[str] = Counter()
        puts = 0
        for (metric, action, queue), count in more.items():
            if metric == _SQS:
                by_action[f"{action} {queue}"] += count
            elif metric == _CARRIED:
                messages[f"{action} {queue}"] += count
            elif metric == _S3 and action == "PutObject":
                puts += count
        return Made(by_action.total(), puts, dict(by_action), dict(messages))

    def _now(self) -> Counter[Key]:
        counts: Counter[Key] = Counter()
        for address in self._addresses:
            with urllib.request.urlopen(address, timeout=10) as answer:
                text = answer.read().decode()
            for metric, action, queue, count in _COUNT.findall(text):
                counts[(metric, action, _kind(queue))] += int(count)
        return counts


def _kind(queue: str) -> str:
    """`requests`, `responses` and so on, whatever deployment and replica stand in the name."""
    return next((part for part in queue.split("-") if part in _KINDS), queue)


_KINDS = ("requests", "responses", "terminate", "reports", "dead")
