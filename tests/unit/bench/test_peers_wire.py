"""How peers are asked, and with which commands their environments are made."""

import asyncio
import json
from pathlib import Path

import pytest

from bench.peers.contenders import PEERS
from bench.peers.environments import REQUIREMENTS, commands, fingerprint
from bench.peers.line import Line, get, post_list, post_one

PICTURE = "http://127.0.0.1:9/1.jpg?2&a b"


def test_get_carries_the_url_escaped() -> None:
    assert get("h:1", PICTURE).startswith(
        b"GET /classify?url=http%3A%2F%2F127.0.0.1%3A9%2F1.jpg%3F2%26a%20b HTTP/1.1\r\nHost: h:1\r\n"
    )


@pytest.mark.parametrize(
    ("door", "sent"), [(post_one, {"url": PICTURE}), (post_list, {"urls": [PICTURE]})]
)
def test_post_carries_json_of_the_length_it_says(door, sent) -> None:
    head, _, body = door("h:1", PICTURE).partition(b"\r\n\r\n")
    assert json.loads(body) == sent
    assert f"Content-Length: {len(body)}".encode() in head


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=1\r\nllo\r\n0\r\n\r\n",
    ],
)
async def test_an_answer_is_read_to_its_end_and_no_further(answer) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line = Line(*await asyncio.open_connection("127.0.0.1", port), f"127.0.0.1:{port}", get)
    for _ in range(2):
        reply = await line.classify(PICTURE)
        assert (reply.status, reply.body) == (200, b"hello")
    line.close()
    server.close()
    assert len(asked) == 2


def test_every_peer_has_a_lock_with_hashes_of_what_it_asks_for() -> None:
    for peer in PEERS.values():
        lock = (REQUIREMENTS / f"{peer.environment}.txt").read_text()
        for asked in (REQUIREMENTS / f"{peer.environment}.in").read_text().split():
            package, _, version = asked.partition("==")
            assert version
            assert f"{package.partition('[')[0]}==" in lock
            assert f"=={version} " in lock
        assert "--hash=sha256:" in lock


def test_environments_are_made_with_uv_or_without_it() -> None:
    folder, lock = Path("/e"), Path("/l.txt")
    for uv in ("/bin/uv", None):
        venv, install = commands(folder, lock, uv)
        assert str(folder) in venv
        assert "--require-hashes" in install
        assert str(lock) in install


def test_another_lock_or_python_means_another_environment() -> None:
    assert fingerprint(b"a==1", "3.11") == fingerprint(b"a==1", "3.11")
    assert (
        len(
            {
                fingerprint(b"a==1", "3.11"),
                fingerprint(b"a==2", "3.11"),
                fingerprint(b"a==1", "3.12"),
            }
        )
        == 3
    )
