"""Calls that the local endpoints were asked for, as they count them themselves."""

import re
from collections import Counter
from typing import TypeAlias

import httpx

from bench.live.service import Service

Calls: TypeAlias = "Counter[tuple[str, str]]"
"""(action, queue) -> calls; S3's have no queue."""

SQS = re.compile(r'^sqs_calls_total\{action="(\w+)",queue="([\w-]*)"\} (\d+)$', re.MULTILINE)
S3 = re.compile(r'^s3_requests_total\{action="(\w+)"\} (\d+)$', re.MULTILINE)


class Counts:
    """Counts from now on.

    Args:
        running: the service.
        but: actions on queues that the measuring itself calls for.
    """

    def __init__(self, running: Service, but: frozenset[tuple[str, str]] = frozenset()) -> None:
        self._running = running
        self._but = but
        self._before = self._now()

    def since(self) -> tuple[int, int]:
        """Calls of SQS, and objects put, since the beginning."""
        more = self._now()
        more.subtract(self._before)
        puts = more.pop(("PutObject", ""), 0)
        sqs = sum(
            count
            for (action, queue), count in more.items()
            if queue and (action, queue) not in self._but
        )
        return sqs, puts

    def _now(self) -> Calls:
        with httpx.Client(trust_env=False, timeout=10) as http:
            sqs = http.get(f"{self._running.queues}/metrics").text
            s3 = http.get(f"{self._running.storage}/_counts").text
        found: Calls = Counter()
        for action, queue, count in SQS.findall(sqs):
            found[action, queue] += int(count)
        for action, count in S3.findall(s3):
            found[action, ""] += int(count)
        return found
