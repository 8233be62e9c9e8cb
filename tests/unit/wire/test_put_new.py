"""A new object whose first write counted and was not acknowledged, as the write is repeated."""

import asyncio
import contextlib

import pytest

from wire.aws import Aws
from wire.store import S3Store

CONFLICT = ("409 Conflict", "ConditionalRequestConflict")
TAKEN = ("412 Precondition Failed", "PreconditionFailed")
BROKEN = ("503 Slow Down", "SlowDown")  # boto3 repeats this one by itself


class Bucket:
    """Refuses one PUT after another as told; holds one object from the beginning."""

    def __init__(self, held, *refusals):
        self.held, self.refusals = held, list(refusals)

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = next(
                    (int(h[15:]) for h in head.split("\r\n") if h.lower().startswith("content-l")),
                    0,
                )
                if "100-continue" in head:
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await reader.readexactly(length)
                writer.write(self.said(head.startswith("PUT")))
                await writer.drain()
        writer.close()

    def said(self, writing):
        if not writing:
            kept = "ETag: x\r\nLast-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n"
            head = f"HTTP/1.1 200 OK\r\n{kept}Content-Length: {len(self.held)}\r\n\r\n"
            return head.encode() + self.held
        status, code = self.refusals.pop(0)
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("held", "refusals", "ours"),
    [
        (b"mine", [CONFLICT, TAKEN], True),
        (b"mine", [CONFLICT, CONFLICT, TAKEN], True),
        (b"mine", [BROKEN, TAKEN], True),
        (b"mine", [BROKEN, CONFLICT, TAKEN], True),
        (b"theirs", [CONFLICT, TAKEN], False),
        (b"theirs", [BROKEN, CONFLICT, TAKEN], False),
        (b"mine", [TAKEN], False),  # sent once and refused: the same bytes, by somebody else
    ],
)
async def test_own_object_is_known_whatever_came_between(held, refusals, ours, monkeypatch):
    bucket = Bucket(held, *refusals)
    server = await asyncio.start_server(bucket.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws = Aws("us-east-1")
    assert await S3Store(aws, "bucket").put_new("key", b"mine") is ours
    assert bucket.refusals == []
    await aws.close()
    server.close()
