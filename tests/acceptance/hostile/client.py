"""The test's side of the world: starts it, asks in it, judges nothing."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Reply:
    """What came back, and what went out meanwhile."""

    status: int
    headers: dict[str, str]
    body: str
    packets: list[str]
    requests: list[Any]
    tripped: list[str]
    names: list[str]

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The error's code; None when there is none."""
        return self.json.get("error", {}).get("code")

    @property
    def label(self) -> str | None:
        return self.json.get("result")

    def hosts(self) -> set[str]:
        """Whereto packets went, `tcp 1.2.3.4:80`."""
        return set(self.packets)


class Impossible(Exception):
    """This machine gives no namespaces to whoever runs the tests."""


class WorldClient:
    """A running world."""

    def __init__(self, folder: Path) -> None:
        self._log = (folder / "world.log").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.hostile.gate", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        first = self._heard()
        if "impossible" in first:
            self._process.wait(10)
            raise Impossible(first["impossible"])

    def get(self, url: str, model: str | None = None) -> Reply:
        """GET /classify of a URL."""
        return self.get_raw(f"url={quote(url, safe='')}", model)

    def get_raw(self, query: str, model: str | None = None) -> Reply:
        """GET /classify with a query as it stands."""
        named = f"&model={model}" if model else ""
        return self.ask("GET", f"/classify?{query}{named}")

    def post(self, body: bytes, kind: str = "application/octet-stream") -> Reply:
        """POST /classify of bytes."""
        return self.ask("POST", "/classify", body, {"Content-Type": kind})

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Any request to the front end."""
        question = _question(method, path, body, headers)
        return Reply(**self._told({"do": "ask", **question}))

    def volley(self, bodies: list[bytes], at_once: int) -> list[tuple[int, str | None]]:
        """POST many pictures; the status and the error's code of each."""
        parts = [_question("POST", "/classify", body) for body in bodies]
        return self._volley(parts, at_once)

    def gets(self, urls: list[str]) -> list[tuple[int, str | None]]:
        """GET /classify of many URLs at once; the status and the error's code of each."""
        parts = [_question("GET", f"/classify?url={quote(url, safe='')}") for url in urls]
        return self._volley(parts, len(parts))

    def _volley(self, parts: list[dict[str, Any]], at_once: int) -> list[tuple[int, str | None]]:
        told = self._told({"do": "volley", "at_once": at_once, "parts": parts})
        return [(status, code) for status, code in told["replies"]]

    def dial(self, address: str, port: int) -> dict[str, Any]:
        """Connect from inside the world without any guard."""
        return self._told({"do": "dial", "address": address, "port": port})

    def processes(self) -> dict[str, Any]:
        """See `watch.Processes.now`."""
        return self._told({"do": "processes"})

    def close(self) -> list[str]:
        """End the service and its world; the processes that were left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        left = self._heard()["left"]
        assert self._process.wait(30) == 0, self.log()
        return left

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()[-6000:]

    def _told(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._heard()
        assert "failed" not in answer, answer["failed"]
        return answer

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the world ended:\n{self.log()}"
        return json.loads(line)


def _question(
    method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    question: dict[str, Any] = {"method": method, "path": path, "headers": headers or {}}
    if body is not None:
        question["body"] = base64.b64encode(body).decode()
    return question
