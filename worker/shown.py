"""`GET /metrics` of a worker, answered by the loop that works: no thread, nothing to do while nobody asks.

One answer a connection: a scraper comes every few seconds, and whoever else comes has nothing to gain.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from wire import log

HEAD_SECONDS = 5.0
HEAD_BYTES = 8192
AT_ONCE = 8

logger = log.get("worker")


class Page(NamedTuple):
    """What is shown, and its media type."""

    kind: str
    text: bytes


class Shown:
    """Listens where it is told to, and leaves word of where that is.

    Args:
        address: host:port; port 0 takes any that is free.
        page: makes what is shown.
        worker: its name in reports.
        targets: folder for a file of Prometheus' file_sd; None for none.
    """

    def __init__(
        self, address: str, page: Callable[[], Page], worker: str, targets: Path | None
    ) -> None:
        host, _, port = address.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._page = page
        self._worker = worker
        self._targets = targets
        self._open = 0

    async def run(self) -> None:
        """Answer until canceled. Where it cannot listen the worker works all the same."""
        try:
            server = await asyncio.start_server(self._met, self._host, self._port, limit=HEAD_BYTES)
        except OSError as error:
            logger.error("metrics are not shown", where=self._host, error=str(error))
            return
        async with server:
            host, port = server.sockets[0].getsockname()[:2]
            address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            logger.info("metrics are shown", address=address)
            with self._found_at(address):
                await asyncio.get_running_loop().create_future()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= AT_ONCE:
                async with asyncio.timeout(HEAD_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(head))
                    await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # whoever it was has left, or never meant to ask
        finally:
            self._open -= 1
            writer.close()

    def _answer(self, head: bytes) -> bytes:
        asked = head.split(b"\r\n", 1)[0].split(b" ")
        if len(asked) != 3 or asked[0] not in (b"GET", b"HEAD"):
            return _written("405 Method Not Allowed", Page("text/plain", b""))
        if asked[1].partition(b"?")[0] != b"/metrics":
            return _written("404 Not Found", Page("text/plain", b"/metrics\n"))
        answer = _written("200 OK", self._page())
        return answer if asked[0] == b"GET" else answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    def _found_at(self, address: str) -> contextlib.AbstractContextManager[None]:
        if self._targets is None:
            return contextlib.nullcontext()
        return _word(self._targets, address, self._worker)


@contextlib.contextmanager
def _word(folder: Path, address: str, worker: str) -> Iterator[None]:
    """A file for Prometheus while it lasts. Those of workers that were killed go with it."""
    mine = folder / f"worker-{os.getpid()}.json"
    labels = {"process": "worker", "worker": worker}
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        for other in folder.glob("worker-*.json"):
            if not _lives(other):
                other.unlink(missing_ok=True)
        fresh = mine.with_suffix(".new")
        fresh.write_text(json.dumps([{"targets": [address], "labels": labels}]))
        fresh.replace(mine)
    except OSError as error:
        logger.warning("nobody is told where metrics are", folder=str(folder), error=str(error))
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            mine.unlink(missing_ok=True)


def _lives(target: Path) -> bool:
    pid = target.stem.partition("-")[2]
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's: it lives
    return True


def _written(status: str, page: Page) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {page.kind}\r\nContent-Length: {len(page.text)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("latin-1") + page.text
