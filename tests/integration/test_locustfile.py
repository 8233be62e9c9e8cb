"""The locustfile as its command runs it, against a small real server. Needs locust, which is optional."""

import asyncio
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integration.test_loadtest_due import OK, Answer, always, serving

# Looked for and not imported: locust patches the process that imports it.
pytestmark = pytest.mark.skipif(
    find_spec("locust") is None, reason="needs locust: pip install -e '.[load]'"
)

FILE = Path(__file__).resolve().parents[2] / "bench" / "locustfile.py"
REFUSED = b'{"error":{"code":"overloaded"}}'


async def run(answer: Answer, *options: str) -> tuple[int, list[dict[str, object]], list[bytes]]:
    """Exit status, locust's figures, and what it asked for."""
    async with serving(answer) as server:
        command = [sys.executable, "-m", "locust", "-f", str(FILE), "-H", server.url, "--headless"]
        command += ["--most=4", "--seconds=3", "--think-least=0.05", "--think-most=0.1", "--json"]
        process = await asyncio.create_subprocess_exec(
            *command, *options, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, said = await process.communicate()
        assert process.returncode is not None, said
        return process.returncode, json.loads(out or "[]"), server.requests


async def test_people_look_at_one_picture_after_the_other(tmp_path: Path) -> None:
    async def slowly(_: int) -> bytes:
        await asyncio.sleep(0.5)
        return OK

    status, figures, requests = await run(slowly, "--shape=spike", f"--urls={_listed(tmp_path)}")
    assert status == 0
    assert figures[0]["name"] == "/classify"
    assert figures[0]["num_failures"] == 0
    # Nobody leaves while his picture is being looked at.
    assert figures[0]["num_requests"] == len(requests) > 4
    assert all(b"GET /classify?url=https%3A%2F%2Fexample.com" in each for each in requests)


async def test_failures_are_told_by_code_and_hint(tmp_path: Path) -> None:
    head = f"HTTP/1.1 503 No\r\nContent-Length: {len(REFUSED)}\r\n\r\n".encode()
    status, figures, _ = await run(always(head + REFUSED), f"--urls={_listed(tmp_path)}")
    assert status == 1
    assert figures[0]["num_failures"] == figures[0]["num_requests"] != 0


def _listed(folder: Path) -> Path:
    file = folder / "urls.txt"
    file.write_text("https://example.com/a.jpg\n")
    return file
