"""Who may talk to the local endpoints: programs on this machine, not web pages."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from local.endpoint import Receive, Scope, Send
from local.guard import LoopbackOnly


async def greet(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


async def status(headers: dict[bytes, bytes]) -> int:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(event: MutableMapping[str, Any]) -> None:
        sent.append(event)

    scope = {"type": "http", "headers": list(headers.items())}
    await LoopbackOnly(greet)(scope, receive, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize("host", [b"127.0.0.1:9324", b"localhost:9324", b"localhost", b"[::1]:80"])
async def test_programs_on_this_machine_pass(host: bytes) -> None:
    assert await status({b"host": host}) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {b"host": b"127.0.0.1:9324", b"origin": b"https://example.com"},
        {b"host": b"127.0.0.1:9324", b"origin": b"null"},
        {b"host": b"127.0.0.1:9324", b"sec-fetch-site": b"cross-site"},
        {b"host": b"rebound.example.com:9324"},
        {b"host": b"127.0.0.1.example.com"},
        {},
    ],
)
async def test_pages_and_other_hosts_are_refused(headers: dict[bytes, bytes]) -> None:
    assert await status(headers) == 403
