"""A server's processes are found and ended, also those that left their parent or ignore being asked."""

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from bench.peers.asking import burst
from bench.peers.line import get
from bench.peers.running import Running, free_port, guarded
from bench.peers.tree import MARK, Tree

# A child that ignores Ctrl-C and whose parent is gone, as daemons do it.
DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
os.wait()
print("ready", flush=True)
time.sleep(600)
"""
BUSY = "print('ready', flush=True)\nwhile True: pass"
# Refuses for a while, then is unready, then serves.
LATE = """
import asyncio, sys
seen = 0
async def serve(reader, writer):
    global seen
    await reader.readuntil(b"\\r\\n\\r\\n")
    seen += 1
    writer.write(b"HTTP/1.1 %d X\\r\\nContent-Length: 2\\r\\n\\r\\nok" % (503 if seen <= 3 else 200))
    await writer.drain()
    writer.close()
async def main():
    await asyncio.sleep(0.3)
    async with await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1])) as server:
        await server.serve_forever()
asyncio.run(main())
"""


class Names:
    """As many URLs as anybody wants."""

    def next(self) -> str:
        return "http://127.0.0.1:9/1.jpg"


@pytest.fixture
def tree() -> Iterator[Tree]:
    found = Tree(uuid.uuid4().hex)
    yield found
    while found.processes():
        found.kill()


def started(tree: Tree, code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={MARK: tree.mark},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_daemon_that_left_its_parent_is_found_and_ended(tree: Tree) -> None:
    with started(tree, DAEMON) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = tree.processes()
        assert len(found) == 2
        assert any(each.ppid() != process.pid for each in found if each.pid != process.pid)
        tree.end(process.pid, patience=0.3)
    assert tree.processes() == []
    assert not any(each.is_running() and each.status() != "zombie" for each in found)


def test_processes_of_others_are_not_touched(tree: Tree) -> None:
    other = Tree(uuid.uuid4().hex)
    with started(other, DAEMON) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert tree.processes() == []
        tree.kill()
        assert len(other.processes()) == 2
        other.end(process.pid, patience=0.1)
    assert psutil.Process().is_running()


def test_its_cpu_and_memory_are_counted(tree: Tree) -> None:
    with started(tree, BUSY) as process:
        assert process.stdout is not None
        process.stdout.readline()
        before = tree.cpu()
        limit = time.monotonic() + 30
        while tree.cpu() < before + 0.1 and time.monotonic() < limit:
            time.sleep(0.02)
        assert tree.cpu() >= before + 0.1
        size, kind = tree.proportional()
        assert 1 << 20 < size <= tree.resident()
        assert kind in ("pss", "rss")
        tree.end(process.pid)


async def test_a_burst_goes_on_until_the_server_serves(tree: Tree) -> None:
    port = free_port()
    launched = time.perf_counter()
    with started(tree, LATE, str(port)) as process:
        server = Running(f"http://127.0.0.1:{port}", tree, launched)
        found = await asyncio.wait_for(burst(server, get, Names(), 5), 30)  # type: ignore[arg-type]
        assert len(found.seconds) == 5
        assert found.unready == 3
        assert found.seconds[0] >= 0.3
        await asyncio.to_thread(tree.end, process.pid)


async def test_a_burst_gives_up_when_the_server_has_ended(tree: Tree) -> None:
    with started(tree, "import sys; sys.exit(3)") as process:
        server = Running(f"http://127.0.0.1:{free_port()}", tree, time.perf_counter())
        process.wait()
        async with guarded(server):
            with pytest.raises(ConnectionAbortedError, match="ended by itself"):
                await asyncio.wait_for(burst(server, get, Names(), 2), 30)  # type: ignore[arg-type]
    with suppress(psutil.Error):
        assert psutil.Process(process.pid).status() == "zombie"
