"""EC2 with so many running workers and nothing else: it can be asked, and refuses every change."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs

from bench.balancer.counter import LENGTH
from bench.balancer.instances import PAGE

REFUSED = (
    "<Response><Errors><Error><Code>UnauthorizedOperation</Code>"
    "<Message>This account can only be looked at.</Message></Error></Errors></Response>"
)


class Account:
    """Answers DescribeInstances with the given pages. `calls` counts requests by action."""

    def __init__(self, pages: Sequence[bytes]) -> None:
        self.calls: Counter[str] = Counter()
        self.url = ""
        self._pages = pages

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        # Canceled when the server closes: asyncio's streams would log that as a failure.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                status, answer = self._answer(parse_qs(body.decode()))
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: text/xml;charset=UTF-8\r\n"
                    f"Content-Length: {len(answer)}\r\n\r\n".encode()
                )
                writer.write(answer)
                await writer.drain()
        writer.close()

    def _answer(self, asked: dict[str, list[str]]) -> tuple[str, bytes]:
        action = asked["Action"][0]
        self.calls[action] += 1
        if action != "DescribeInstances":
            return "403 Forbidden", REFUSED.encode()
        return "200 OK", self._pages[int(asked.get("NextToken", ["0"])[0]) // PAGE]


@asynccontextmanager
async def account(pages: Sequence[bytes]) -> AsyncIterator[Account]:
    """An account on a free port of loopback."""
    served = Account(pages)
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.close()
