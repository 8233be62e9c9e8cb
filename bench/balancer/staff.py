"""Workers that only report: so many of them, each once in a heartbeat, spread evenly over it."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import boto3

from wire.messages import Report

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10
PAUSE = 0.2  # seconds between rounds of sending


class Staff:
    """Sends the reports of workers with these ids. `sent` counts them.

    Args:
        queues: the endpoint's URL.
        queue: name of the reports queue.
        heartbeat: seconds between the reports of one worker.
    """

    def __init__(self, queues: str, queue: str, ids: Sequence[str], heartbeat: float) -> None:
        self._sqs: SQSClient = boto3.client(
            "sqs",
            endpoint_url=queues,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self._url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self._ids = ids
        self._heartbeat = heartbeat
        self.sent = 0

    async def all_ready(self) -> None:
        """Everybody reports once, as fast as the queue takes it."""
        for first in range(0, len(self._ids), BATCH):
            await self._send(self._ids[first : first + BATCH], "ready")

    async def run(self) -> None:
        """Report on until canceled."""
        loop = asyncio.get_running_loop()
        began, due = loop.time(), 0
        while True:
            await asyncio.sleep(PAUSE)
            wanted = int((loop.time() - began) / self._heartbeat * len(self._ids))
            while due < wanted:
                count = min(BATCH, wanted - due)
                ids = [self._ids[(due + n) % len(self._ids)] for n in range(count)]
                await self._send(ids, "busy")
                due += count

    async def _send(self, ids: Sequence[str], state: str) -> None:
        entries = [
            {"Id": str(n), "MessageBody": _report(each, state)} for n, each in enumerate(ids)
        ]
        await asyncio.to_thread(
            self._sqs.send_message_batch,
            QueueUrl=self._url,
            Entries=entries,  # type: ignore[arg-type]
        )
        self.sent += len(ids)


def _report(sender: str, state: str) -> str:
    return Report.model_validate(
        {
            "sender": sender,
            "kind": "worker",
            "state": state,
            "busy": 3,
            "served": 1000,
            "service_seconds": 0.015,
            "throughput": 66.0,
            "oldest_wait": 0.4,
            "boot_seconds": 40.0 if state == "ready" else None,
        }
    ).encode()
