"""An answer that breaks off within its body is an outage, whatever boto3 makes of it."""

import asyncio

import pytest

from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.store import S3Store


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "409 Conflict"])
async def test_a_body_that_breaks_off_is_an_outage(status, monkeypatch):
    async def cut(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\nETag: x\r\nContent-Length: 400\r\n"
        writer.write(f"{head}Last-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n\r\n<Err".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    aws = Aws("us-east-1")
    with pytest.raises(QueueUnavailable):
        await S3Store(aws, "bucket").read("key")
    await aws.close()
    server.close()
