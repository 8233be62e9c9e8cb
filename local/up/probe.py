"""Whether a part answers as one that is ready does."""

import asyncio
from collections.abc import Awaitable, Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from local.up.parts import Ready

Probe = Callable[[Ready], Awaitable[None]]

BETWEEN = 0.05
PATIENCE = 5.0


async def until_ready(ready: Ready) -> None:
    """Ask until the answer is the one that is waited for; for ever if it never is."""
    while not await asyncio.to_thread(answers, ready):  # noqa: ASYNC110  a server sends no event
        await asyncio.sleep(BETWEEN)


def answers(ready: Ready) -> bool:
    """Ask once. The standard library's client: httpx takes longer to import than a part to start."""
    url = urlsplit(ready.url)
    connection = HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE)
    try:
        connection.request(ready.method, url.path)
        return connection.getresponse().status in ready.accepted
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
