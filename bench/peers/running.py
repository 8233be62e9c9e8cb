"""A server that runs: started in an environment and folders of its own, guarded, ended with its children."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.peers.contenders import PEERS, Contender
from bench.peers.tree import MARK, Tree

ROOT = Path(__file__).resolve().parents[2]
GREEDY = 8 << 30
"""Bytes from which on a server is ended, before it takes the machine down."""
LOOK = 0.5


@dataclass
class Running:
    """`launched` in seconds of `perf_counter`, right before its command; `url` may refuse yet.

    `over` says why it runs no more, when it ended before its time.
    """

    url: str
    tree: Tree
    launched: float
    over: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where peers live: `environments` has a virtual environment of each, `logs` what they print."""

    environments: Path
    logs: Path
    bundle: Path

    @classmethod
    def under(cls, folder: Path, bundle: Path) -> "Place":
        return cls(folder, folder / "logs", bundle)


@asynccontextmanager
async def running(contender: Contender, place: Place) -> AsyncIterator[Running]:
    """The peer while the block runs; nothing of it is left afterwards, neither process nor file."""
    folder = Path(tempfile.mkdtemp(prefix="peer-", dir="/tmp"))  # sockets of Ray need a short path
    port, tree = free_port(), Tree(uuid.uuid4().hex)
    launched = time.perf_counter()
    process = _launched(contender, place, port, folder, tree)
    found = Running(f"http://127.0.0.1:{port}", tree, launched)
    try:
        async with guarded(found):
            yield found
    finally:
        await asyncio.shield(asyncio.to_thread(_end, tree, process, folder))


@asynccontextmanager
async def guarded(server: Running) -> AsyncIterator[None]:
    """End the server's processes as soon as they hold more than GREEDY; note that, and their own end."""

    async def look() -> None:
        while not server.over:
            if server.tree.resident() > GREEDY:
                server.over = f"held more than {GREEDY >> 30} GiB and was ended"
                server.tree.kill()
            elif not server.tree.processes():
                server.over = "ended by itself"
            await asyncio.sleep(LOOK)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


def free_port() -> int:
    """A port of the loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _launched(
    contender: Contender, place: Place, port: int, folder: Path, tree: Tree
) -> "subprocess.Popen[bytes]":
    environment = _environment(contender, place, port, folder) | {MARK: tree.mark}
    place.logs.mkdir(parents=True, exist_ok=True)
    with (place.logs / f"{contender.peer}-{contender.engine}.log").open("wb") as sink:
        return subprocess.Popen(
            _command(contender, place, port),
            cwd=ROOT,
            env=environment,
            stdout=sink,
            stderr=sink,
            # Ctrl-C in the terminal stops the measuring first, which then stops the server.
            start_new_session=True,
        )


def _end(tree: Tree, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    tree.end(process.pid)
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _command(contender: Contender, place: Place, port: int) -> list[str]:
    peer = PEERS[contender.peer]
    commands = place.environments / peer.environment / "bin"
    first, *rest = (part.format(port=port, root=ROOT) for part in peer.command)
    # Where there is setpriv, the server ends as well when the measuring is killed.
    tied = [found, "--pdeathsig", "INT"] if (found := shutil.which("setpriv")) else []
    return [*tied, str(commands / first), *rest]


def _environment(contender: Contender, place: Place, port: int, folder: Path) -> dict[str, str]:
    commands = place.environments / PEERS[contender.peer].environment / "bin"
    cache = place.environments / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{commands}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PEER_BUNDLE": str(place.bundle),
        "PEER_CACHE": str(cache),
        "PEER_ENGINE": contender.engine,
        "PEER_PORT": str(port),
        "BENTOML_DO_NOT_TRACK": "true",
        "RAY_USAGE_STATS_ENABLED": "0",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
