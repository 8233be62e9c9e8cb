"""A host of pictures for the service to fetch, in a process of its own: the sender must not share its clock.

python -m bench.loadtest.host FD     the socket it answers on; paths as JSON on stdin, then until stdin ends
"""

import asyncio
import json
import mimetypes
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast
from urllib.parse import unquote

import uvloop

KEPT = (
    512 * 2**20
)  # bytes of pictures that are held in memory; others are read when they are asked for
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
BACKLOG = 1024
JPEG = b"\xff\xd8"
MARK = 200  # bytes of a query that go into the picture
LONGEST = 16 * 1024  # bytes of a request that has not ended yet


@contextmanager
def hosted(pictures: Sequence[Path], port: int) -> Iterator[str]:
    """host:port where the pictures are while the block runs, by their names; 0 takes a free port.

    Raises:
        OSError: the port is taken.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(BACKLOG)
        number = listening.fileno()
        with subprocess.Popen(
            [sys.executable, "-m", "bench.loadtest.host", str(number)],
            stdin=subprocess.PIPE,
            pass_fds=[number],
            start_new_session=True,  # Ctrl-C is for the sender; this one ends when its stdin does
        ) as process:
            assert process.stdin is not None
            process.stdin.write(json.dumps([str(path.resolve()) for path in pictures]).encode())
            process.stdin.write(b"\n")
            process.stdin.flush()
            try:
                yield f"127.0.0.1:{listening.getsockname()[1]}"
            finally:
                process.terminate()


class Answers:
    """Whole answers by the picture's name; small collections are kept in memory.

    Each query gets bytes of its own, or a service that knows pictures by their bytes would work on none.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths: Mapping[str, Path] = {path.name: path for path in paths}
        self._kept: dict[str, bytes] = {}
        self._room = KEPT

    def of(self, name: str, query: bytes) -> bytes:
        """Head and body; 404 for any name that was not given."""
        picture = self._kept.get(name) or self._read(name)
        if not picture:
            return NOT_FOUND
        body = marked(picture, query)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _read(self, name: str) -> bytes:
        # Looked up by its whole name and never joined to a folder: no path leads out.
        path = self._paths.get(name)
        if path is None:
            return b""
        try:
            picture = path.read_bytes()
        except OSError:
            return b""
        if len(picture) <= self._room:
            self._room -= len(picture)
            self._kept[name] = picture
        return picture


def marked(picture: bytes, mark: bytes) -> bytes:
    """The same picture with other bytes: a comment in a JPEG, behind the end of any other."""
    if not mark:
        return picture
    if picture.startswith(JPEG):
        length = len(mark) + 2  # of the segment, its own two bytes included; ITU-T T.81, B.2.4.5
        return JPEG + b"\xff\xfe" + length.to_bytes(2, "big") + mark + picture[len(JPEG) :]
    return picture + mark


class Answering(asyncio.Protocol):
    """GET and no more; one connection, kept for one request after the other."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by its class

    def data_received(self, data: bytes) -> None:
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for head in heads:
            method, _, rest = head.partition(b" ")
            path, _, query = rest.partition(b" ")[0].partition(b"?")
            name = unquote(path.decode("latin-1")).removeprefix("/")
            found = self._answers.of(name, query[:MARK])
            self._transport.write(found if method == b"GET" else NOT_FOUND)
        if len(self._rest) > LONGEST:
            self._transport.abort()


async def serve(number: int) -> None:
    """On the socket with this number, until stdin ends."""
    loop = asyncio.get_running_loop()
    paths = [Path(text) for text in json.loads(sys.stdin.readline())]
    answers = Answers(paths)
    await loop.create_server(lambda: Answering(answers), sock=socket.socket(fileno=number))
    with suppress(asyncio.CancelledError):
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
