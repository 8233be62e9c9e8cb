"""A deployment of its own on the local endpoints, and the worker processes started on it."""

import asyncio
import json
import os
import struct
import subprocess
import sys
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.servers import ROOT
from tests.service import Origin
from wire.aws import Aws
from wire.messages import Answer, Job, Report
from wire.names import QueueNames
from wire.queues import Depth, QueueOptions
from wire.sqs import SqsQueues
from wire.store import S3Store
from wire.topology import open_shared

PATIENCE = 120


class Bench:
    """One deployment: its queues and store, and the workers started on it."""

    def __init__(self, folder: Path, origin: Origin) -> None:
        self.origin, self.folder = origin, folder
        self.names = QueueNames(f"t{uuid.uuid4().hex[:10]}")
        self.aws = Aws("us-east-1")
        self.queues = SqsQueues(self.aws)
        self.store = S3Store(self.aws, self.names.deployment)
        self.workers: list[subprocess.Popen] = []
        self.log = folder / f"{self.names.deployment}.log"
        self.states: list[Report] = []

    async def open(self, visibility: int = 30) -> "Bench":
        self.visibility = visibility
        await self.store.ensure_bucket("us-east-1")
        self.shared = await open_shared(self.queues, self.names, visibility)
        self.replies = await self.queues.ensure(self.names.responses("r1"), QueueOptions())
        return self

    def start(self, **settings: object) -> subprocess.Popen:
        given = (
            {"seen_answers": 0}
            | {
                "deployment": self.names.deployment,
                "bucket": self.names.deployment,
                "models": self.folder / "models",
                "model": "colors",
                "poll_wait": 1,
                "visibility": getattr(self, "visibility", 30),
                "fetch_allow": self.origin.host,
            }
            | settings
        )
        env = {f"CLASSIFYCLOUD_{key.upper()}": str(value) for key, value in given.items()}
        with self.log.open("ab") as sink:
            worker = subprocess.Popen(
                [sys.executable, "-m", "worker"],
                cwd=ROOT,
                env=os.environ | env,
                stdout=sink,
                stderr=sink,
            )
        self.workers.append(worker)
        return worker

    async def ask(self, *pages: str, **fields: object) -> list[str]:
        jobs = [
            Job.model_validate(
                {
                    "uuid": uuid.uuid4().hex,
                    "image_url": page if ":" in page else self.origin.url(page),
                    "reply_to": self.replies.name,
                }
                | fields
            )
            for page in pages
        ]
        await self.shared.requests.send_many([job.encode() for job in jobs])
        return [job.uuid for job in jobs]

    async def answers(self, count: int) -> dict[str, Answer]:
        """Answers by id, until there are so many."""
        found: dict[str, Answer] = {}
        async with asyncio.timeout(PATIENCE):
            while len(found) < count:
                for received in await self.replies.receive(10, 1):
                    answer = Answer.decode(received.body)
                    found[answer.uuid] = answer
                    await self.replies.delete(received.receipt)
        return found

    async def reported(self, state: str) -> Report:
        """Wait for a report of this state."""
        return await self.heard(lambda report: report.state == state)

    async def heard(self, wanted: Callable[[Report], bool]) -> Report:
        """Wait for such a report; the first one."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for report in self.states:
                    if wanted(report):
                        return report
                for received in await self.shared.reports.receive(10, 1):
                    self.states.append(Report.decode(received.body))
                    await self.shared.reports.delete(received.receipt)

    async def said(self, text: str) -> None:
        """Wait until a worker has logged this."""
        async with asyncio.timeout(PATIENCE):
            while text not in self.log.read_text():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def until_empty(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while sum(counts(await self.shared.requests.depth())):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def recorded(self) -> dict[str, dict]:
        """Records by the job's id."""
        keys = await self.store.keys("records/", 10_000)
        objects = [await self.store.get(key) for key in keys]
        rows = [json.loads(line) for data in objects for line in (data or b"").splitlines()]
        return {row["uuid"]: row for row in rows}

    async def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
        await self.queues.close()
        await self.aws.close()


def counts(depth: Depth) -> tuple[int, int, int]:
    return depth.visible, depth.in_flight, depth.delayed


def huge_png() -> bytes:
    """The first bytes of a PNG of 20 000 x 20 000 pixels."""
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(60_000)))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
