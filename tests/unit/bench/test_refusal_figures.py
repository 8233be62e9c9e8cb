"""What the benches of refusals and of floods make of their replies, and the client that they ask with."""

import asyncio

import pytest

from bench.flood.__main__ import figures, p95
from bench.flood.paced import statuses
from bench.live.line import Reply, opened
from bench.refusals import told


def replies(*milliseconds: float, status: int = 200) -> list[Reply]:
    return [Reply(status, each / 1000) for each in milliseconds]


def test_percentiles_are_of_what_was_measured() -> None:
    shown = told(replies(*range(1, 101), status=403), seconds=2.0, cpu=0.05)
    assert shown["p50_ms"] == pytest.approx(50.5, abs=0.1)
    assert shown["p99_ms"] == pytest.approx(100, abs=0.1)
    assert shown["per_second"] == 50
    assert shown["cpu_ms"] == 0.5
    assert shown["statuses"] == {403: 100}


def test_only_labels_count_for_the_quiet_client() -> None:
    assert p95(replies(*[10.0] * 30) + replies(*[900.0] * 30, status=429)) == pytest.approx(10)


def test_a_flood_that_doubles_the_wait_is_seen() -> None:
    alone, beside = replies(*[10.0] * 30), replies(*[20.0] * 30)
    phases = {"alone": [alone, alone], "at limit": [beside, beside], "flood": [beside, beside]}
    shown = figures(phases, {"flood": {429: 5}})
    assert shown["flood to alone"]["ratio"] == 2.0
    assert shown["flood to alone"]["median_of_rounds"] == 2.0
    assert shown["flood to at limit"]["ratio"] == 1.0
    assert shown["flood"]["loud"] == {429: 5}


def test_statuses_are_counted() -> None:
    assert statuses(replies(1) + replies(1, 1, status=0)) == {0: 2, 200: 1}


async def test_a_line_asks_again_and_again_on_one_connection() -> None:
    asked: list[bytes] = []
    hung_up: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung_up.append(writer)
        for answer in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes",
            b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
        ):
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line = await opened(f"http://127.0.0.1:{port}", {"X-API-Key": "k"})
    first, second = await line.classify("http://h/a b"), await line.classify("http://h/2")
    assert (first.status, second.status, second.retry_after) == (200, 429, 7)
    assert not line.ended
    server.close()
    hung_up[0].close()
    async with asyncio.timeout(5):
        while not line.ended:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert asked[0].startswith(b"GET /classify?url=http%3A%2F%2Fh%2Fa%20b HTTP/1.1\r\n")
    assert b"\r\nX-API-Key: k\r\n" in asked[1]
    line.close()
