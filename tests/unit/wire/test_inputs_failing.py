"""What a bucket of others does wrong is the picture's error, and comes in time."""

import asyncio

import pytest

from wire.errors import FetchTimeout, IncompleteBody, UpstreamUnreachable
from wire.inputs import Allowed, Inputs

HEAD = 'HTTP/1.1 {} X\r\nContent-Length: {}\r\nETag: "e"\r\nConnection: close\r\n\r\n'
ANSWERS = {
    "silent": None,
    "broken": HEAD.format(503, 0).encode(),
    "throttled": HEAD.format(503, 35).encode() + b"<Error><Code>SlowDown</Code></Error>"[:35],
    "cut": HEAD.format(200, 100).encode() + b"half",
}
OUTAGES = [
    ("silent", 0.3, FetchTimeout),
    ("broken", 10, UpstreamUnreachable),
    ("throttled", 10, UpstreamUnreachable),
    ("cut", 10, IncompleteBody),
]


@pytest.fixture
async def bucket(monkeypatch):
    """S3 that answers by the object's name."""

    async def answer(reader, writer):
        request = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        told = ANSWERS[request.rpartition("/")[2]]
        if told is None:
            await reader.read()
        else:
            writer.write(told)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield server
    server.close()


def inputs(seconds):
    return Inputs("eu-west-1", Allowed(["pictures"], own="ours"), 1000, seconds)


@pytest.mark.parametrize(("key", "seconds", "error"), OUTAGES)
async def test_its_outage_is_an_answer_and_no_outage_of_ours(bucket, key, seconds, error) -> None:
    with pytest.raises(error):
        await inputs(seconds).get(f"s3://pictures/{key}")


async def test_nobody_there_is_an_answer_too(bucket) -> None:
    bucket.close()
    with pytest.raises(UpstreamUnreachable):
        await inputs(10).get("s3://pictures/broken")
