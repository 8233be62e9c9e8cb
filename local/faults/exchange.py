"""One request and its answer, held in memory so that a fault can stand between them."""

from collections.abc import MutableMapping
from typing import Any, NamedTuple

from local.endpoint import ASGIApp, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """An HTTP answer, whole."""

    status: int
    headers: Headers
    body: bytes


async def body_of(receive: Receive) -> bytes:
    """The request's body. Read even where it is of no use: what stays unread would be taken for the
    connection's next request."""
    chunks: list[bytes] = []
    while True:
        event = await receive()
        chunks.append(event.get("body", b""))
        if event["type"] == "http.disconnect" or not event.get("more_body", False):
            return b"".join(chunks)


async def answered(app: ASGIApp, scope: Scope, body: bytes, receive: Receive) -> Answer:
    """What the application answers to the request; nothing of it is sent yet."""
    status, headers, chunks = 500, Headers(), list[bytes]()
    given = False

    async def replay() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def keep(event: MutableMapping[str, Any]) -> None:
        nonlocal status, headers
        if event["type"] == "http.response.start":
            status, headers = event["status"], list(event.get("headers", []))
        elif event["type"] == "http.response.body":
            chunks.append(event.get("body", b""))

    await app(scope, replay, keep)
    return Answer(status, headers, b"".join(chunks))


async def give(send: Send, answer: Answer, length: int | None = None) -> None:
    """Send the answer; of its body only `length` bytes, after which the server has to close the
    connection, because more were promised."""
    broken = length is not None
    # Of a 204 no body is expected, so that its loss would not be noticed.
    status = 200 if broken and answer.status == 204 else answer.status
    promised = max(1, len(answer.body)) if broken else len(answer.body)
    kept = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    headers = [*kept, (b"content-length", str(promised).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body[:length], "more_body": broken})
