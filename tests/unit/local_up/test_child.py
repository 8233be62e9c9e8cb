"""A process that the supervisor started: its end is heard of."""

import asyncio
import errno
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from local.up import child
from local.up.child import Child

PATIENCE = 20.0  # seconds
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


def started(folder: Path, program: str) -> Child:
    return Child((sys.executable, "-c", program), os.environ, folder / "log")


@pytest.fixture(params=["told", "looked for", "of an older kernel"])
def heard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How an end comes to be known: with looks an hour apart only who is told hears of it in time."""
    if request.param == "told":
        if not hasattr(os, "pidfd_open"):
            pytest.skip("this system sends no event")
        monkeypatch.setattr(child, "GLANCE", 3600.0)
        return

    if request.param == "of an older kernel":  # as a Python is that was built on one
        monkeypatch.delattr(os, "pidfd_open", raising=False)
        return

    def none_left(_pid: int) -> int:
        raise OSError(errno.EMFILE, "no descriptor is left")

    monkeypatch.setattr(os, "pidfd_open", none_left, raising=False)


@pytest.mark.usefixtures("heard")
async def test_the_status_of_one_that_ends(tmp_path: Path) -> None:
    each = started(tmp_path, "import sys, time; time.sleep(0.3); sys.exit(7)")
    async with asyncio.timeout(PATIENCE):
        assert await each.exited() == 7


@pytest.mark.usefixtures("heard")
async def test_the_signal_of_one_that_is_killed(tmp_path: Path) -> None:
    each = started(tmp_path, "import time; time.sleep(600)")
    asyncio.get_running_loop().call_later(0.2, os.kill, each.pid, signal.SIGKILL)
    async with asyncio.timeout(PATIENCE):
        assert await each.exited() == -signal.SIGKILL


@pytest.mark.usefixtures("heard")
async def test_one_that_ended_unheard(tmp_path: Path) -> None:
    each = started(tmp_path, "")
    await asyncio.sleep(0.5)
    async with asyncio.timeout(PATIENCE):
        assert await each.exited() == 0
        assert await each.exited() == 0


@pytest.mark.usefixtures("heard")
async def test_several_wait_for_it_while_it_is_ended(tmp_path: Path) -> None:
    each = started(tmp_path, "import time; time.sleep(600)")
    waiting = [asyncio.ensure_future(each.exited()) for _ in range(2)]
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        assert await each.end(10.0, asyncio.Event())
        assert await asyncio.gather(*waiting) == [-signal.SIGTERM] * 2


@pytest.mark.usefixtures("heard")
async def test_one_that_does_not_go_is_killed(tmp_path: Path) -> None:
    each = started(tmp_path, DEAF)
    async with asyncio.timeout(PATIENCE):
        while not (tmp_path / "log").read_bytes():  # noqa: ASYNC110  a file sends no event
            await asyncio.sleep(0.02)
        assert not await each.end(0.2, asyncio.Event())
        assert await each.exited() == -signal.SIGKILL


async def test_whoever_stops_waiting_leaves_nothing_open(tmp_path: Path) -> None:
    each = started(tmp_path, "import time; time.sleep(600)")
    before = psutil.Process().num_fds()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await each.exited()
    assert psutil.Process().num_fds() == before
    await each.end(10.0, asyncio.Event())
    assert psutil.Process().num_fds() == before
