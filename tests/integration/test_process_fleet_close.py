"""How workers that are processes end: those that go by themselves are waited for, nobody else is."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from balancer.fleet import Order
from balancer.fleets.process import LETTING_GO, ProcessFleet
from tests.logged import capture_logs
from worker import lifecycle, reporter

STAYS = "while True: time.sleep(1)"
PREPARED = "import signal, sys, time\nfrom pathlib import Path\nhere = Path(sys.argv[1])\n"
LETS_GO = (
    PREPARED + "def go(*_):\n    time.sleep(0.8)\n    (here / 'done').touch()\n    sys.exit(0)\n"
    "signal.signal(15, go)\n(here / 'up').touch()\n" + STAYS
)
DEAF = PREPARED + "signal.signal(15, signal.SIG_IGN)\n(here / 'up').touch()\n" + STAYS


async def until(check, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


@pytest.fixture
def started(tmp_path: Path) -> Iterator:
    """Opens fleets of one worker that is up; whoever is left at the end is killed."""
    left: list[int] = []

    async def of(code: str, **given: float) -> tuple[ProcessFleet, int]:
        folder = tmp_path / "fleet"
        fleet = ProcessFleet(
            folder,
            command=[sys.executable, "-c", code, str(tmp_path)],
            **{"stop_grace": 0.2} | given,
        )
        await fleet.launch(Order(1))
        [path] = folder.glob("*.json")
        left.append(json.loads(path.read_text())["pid"])
        await until((tmp_path / "up").exists)
        return fleet, left[-1]

    yield of
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_close_lets_those_whose_grace_is_over_let_go(started, tmp_path: Path) -> None:
    fleet, pid = await started(LETS_GO)
    start = time.monotonic()
    await fleet.close()
    assert (tmp_path / "done").exists(), "killed while it let go"
    assert not psutil.pid_exists(pid)
    assert time.monotonic() - start < LETTING_GO / 2, "waited for somebody who was gone"


async def test_close_forces_those_that_do_not_go(started) -> None:
    fleet, pid = await started(DEAF, letting_go=0.2)
    await fleet.close()
    assert not psutil.pid_exists(pid)


def test_a_worker_has_time_to_let_go_though_its_reports_hang() -> None:
    draining = stopped = reporter.PATIENCE
    assert draining + lifecycle.LAST + stopped < LETTING_GO


async def test_one_that_ends_between_two_looks_is_reaped_and_its_exit_code_told(
    started, monkeypatch
) -> None:
    fleet, pid = await started(LETS_GO)
    os.kill(pid, signal.SIGKILL)
    await until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    monkeypatch.setattr(fleet, "_reap", lambda: None)  # it ended just after
    with capture_logs() as said:
        assert await fleet.workers() == []
    [exited] = [each for each in said if each["event"] == "worker exited"]
    assert exited["code"] == -signal.SIGKILL
    assert not psutil.pid_exists(pid)
    await fleet.close()
