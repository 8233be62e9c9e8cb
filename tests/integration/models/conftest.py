"""A whole service with two models of its own in the folder, and a client that keeps asking it."""

import asyncio
import contextlib
import io
import json
import os
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests import named_bundle
from tests.service import BUCKET, COMMAND, Service, service

RATE = 16  # requests a second
PATIENCE = 60.0


@dataclass
class Client:
    """Asks at a steady rate, in turn for each of `questions`, and keeps every answer."""

    url: str
    questions: list[dict[str, str]]
    picture: bytes
    faults: list[str] = field(default_factory=list)
    answers: list[tuple[dict[str, str], dict]] = field(default_factory=list)

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=60) as http, asyncio.TaskGroup() as asked:
            start, sent = time.monotonic(), 0
            while True:
                question = self.questions[sent % len(self.questions)]
                asked.create_task(self._ask(http, question))
                sent += 1
                await asyncio.sleep(max(0.0, start + sent / RATE - time.monotonic()))

    async def _ask(self, http: httpx.AsyncClient, question: dict[str, str]) -> None:
        head = {"Content-Type": "image/png"}
        said = await http.post(
            f"{self.url}/classify", params=question, content=self.picture, headers=head
        )
        if said.status_code != 200:
            self.faults.append(f"{question}: {said.status_code} {said.text}")
            return
        answer = said.json()
        self.answers.append((question, answer))
        self._judge(question, answer)

    def _judge(self, question: dict[str, str], answer: dict) -> None:
        """Who answered is what the answer says, and what was asked for."""
        model, version = answer["model"], answer["modelVersion"]
        wrong = answer["result"] != f"{model} {version}"
        wrong |= model != question.get("model", "alpha")
        wrong |= version != question.get("modelVersion", version)
        if wrong:
            self.faults.append(f"{question}: answered by {model} {version}, {answer['result']}")

    def versions(self, since: int = 0) -> Counter[str]:
        """How many answers each version gave, from the one with that number on."""
        given = [answer for _, answer in self.answers[since:]]
        return Counter(f"{each['model']} {each['modelVersion']}" for each in given)

    async def until(self, check, what: str) -> None:
        """Wait until it is true, as long as nothing went wrong."""
        end = time.monotonic() + PATIENCE
        while not check():
            assert not self.faults, self.faults[:5]
            assert time.monotonic() < end, f"waited in vain: {what}; {self.versions()}"
            await asyncio.sleep(0.1)


@dataclass
class Models:
    """The running service and the folder in which new bundles are made."""

    running: Service
    made: Path

    async def publish(self, folder: Path, *options: str) -> str:
        return await self.command("publish", str(folder), *options)

    async def command(self, *arguments: str) -> str:
        done = await asyncio.to_thread(self.ran, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ran(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(COMMAND), "models", *arguments, "--data", str(self.running.data)],
            capture_output=True,
            text=True,
            timeout=120,
            env=os.environ | {"CLASSIFYCLOUD_MODELS": str(self.made / "folder")},
        )

    def index(self) -> dict:
        body = self.running.s3().get_object(Bucket=BUCKET, Key="models/index.json")["Body"]
        return json.loads(body.read())

    def line(self, name: str) -> dict:
        return self.index()["models"][name]

    def why(self, name: str) -> str:
        """Why the latest version of a model to be taken back was."""
        return self.line(name)["withdrawn"][-1]["reason"]

    def logged(self) -> str:
        return "".join(path.read_text() for path in self.running.data.rglob("*.log"))

    @contextlib.asynccontextmanager
    async def asking(self, *questions: dict[str, str]):
        """A client asks while the block runs."""
        client = Client(self.running.url, list(questions) or [{}], picture())
        task = asyncio.create_task(client.run())
        try:
            yield client
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (named_bundle.SIDE, named_bundle.SIDE), "orange").save(data, "PNG")
    return data.getvalue()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Serves alpha 1, which answers by default, and beta 1."""
    root = tmp_path_factory.mktemp("models")
    for name in ("alpha", "beta"):
        named_bundle.write(root / "folder", name, "1")
    options = {"models": str(root / "folder"), "model": "alpha", "max_workers": "1"}
    with service(root / "data", **options) as running:
        running.wait_ready(workers=1)
        yield Models(running, root)
