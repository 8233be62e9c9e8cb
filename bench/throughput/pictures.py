"""A host of JPEGs of the size that cameras and ImageNet have, in a process of its own."""

import asyncio
import io
import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import uvloop

MANY = 64
SAMPLES = Path(__file__).resolve().parents[2] / "local" / "samples"


class Origin:
    """Where pictures are; `next` gives a URL that was never given before."""

    def __init__(self, address: str, names: int) -> None:
        self.address = address
        self._names = names
        self._count = itertools.count()

    def next(self) -> str:
        at = next(self._count)
        return f"http://{self.address}/{at % self._names}.jpg?{at}"


@contextmanager
def served(photos: Path | None, away: float = 0.0, mean: int = 0) -> Iterator[Origin]:
    """The origin of `files` while the block runs; ends with this process. It answers after `away` seconds."""
    named = [str(photos)] if photos else []
    command = [sys.executable, "-m", "bench.throughput.pictures", str(away), str(mean), *named]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port, names = process.stdout.readline().split()
        try:
            yield Origin(f"127.0.0.1:{int(port)}", int(names))
        finally:
            process.terminate()


def files(photos: Path | None, mean: int = 0) -> list[bytes]:
    """MANY JPEGs: of a folder, as `chosen` has it, or made of the samples."""
    if photos is None:
        return [_made(number) for number in range(MANY)]
    return [path.read_bytes() for path in chosen(photos, mean)]


def chosen(photos: Path, mean: int = 0) -> list[Path]:
    """MANY JPEGs of a folder, or as many as there are: the first by name.

    Args:
        photos: the folder.
        mean: bytes; 0 for whatever they have. The largest are left out until the rest has no more on average,
            of which MANY are taken, evenly by name.
    """
    found = [each for each in photos.iterdir() if each.suffix.lower() in (".jpg", ".jpeg")]
    by_size = sorted((path.stat().st_size, path) for path in found)
    total = sum(size for size, _ in by_size)
    while mean and total > mean * len(by_size):
        total -= by_size.pop()[0]
    paths = sorted(path for _, path in by_size)
    if mean and len(paths) > MANY:
        paths = [paths[number * len(paths) // MANY] for number in range(MANY)]
    return paths[:MANY]


def _made(number: int) -> bytes:
    from PIL import Image

    paths = sorted(SAMPLES.glob("*.jpg"))
    with Image.open(paths[number % len(paths)]) as photo:
        turned = photo.convert("RGB").resize((500, 375)).rotate(number)
    kept = io.BytesIO()
    turned.save(kept, "JPEG", quality=95)
    return kept.getvalue()


class _Answering(asyncio.Protocol):
    """As little of a server as will do: what it costs is on the cores that are measured."""

    def __init__(self, answers: list[bytes], away: float) -> None:
        self._answers = answers
        self._away = away
        self._loop = asyncio.get_running_loop()
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by its class

    def data_received(self, data: bytes) -> None:
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for head in heads:
            number = int(head[head.index(b"/") + 1 : head.index(b".jpg")])
            if self._away:
                self._loop.call_later(self._away, self._transport.write, self._answers[number])
            else:
                self._transport.write(self._answers[number])


async def serve(photos: Path | None, away: float, mean: int) -> None:
    """Until stdin ends."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n"
    answers = [head.format(len(each)).encode() + each for each in files(photos, mean)]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(answers, away), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], len(answers), flush=True)
    with suppress(asyncio.CancelledError):
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        away, mean, *folder = sys.argv[1:]
        runner.run(serve(Path(*folder) if folder else None, float(away), int(mean)))
