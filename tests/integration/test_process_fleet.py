"""The process fleet over real processes: launched, adopted, ended, swept, and nobody else's touched."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from balancer.fleet import Order
from balancer.fleets.process import WORKER, FolderInUse, ProcessFleet

IDLE = "import time\nwhile True: time.sleep(1)"
DEAF = (
    "import signal, sys, time\nsignal.signal(15, signal.SIG_IGN)\nprint('deaf', flush=True)\n"
    + IDLE
)
CLEAN = (
    "import signal, sys, time\nsignal.signal(15, lambda *_: (time.sleep(0.3), sys.exit(0)))\n"
    + IDLE
)


def command(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def ids(folder: Path) -> list[str]:
    return [path.stem for path in files(folder)]


def pids(folder: Path) -> list[int]:
    return [json.loads(path.read_text())["pid"] for path in files(folder)]


def rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


async def gone(fleet: ProcessFleet, left: int) -> None:
    """Return when the fleet counts no more than so many."""
    for _ in range(500):
        if len(await fleet.workers()) <= left:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


async def until(check, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the fleet keeps its records; whatever is recorded in it at the end is killed."""
    seen = tmp_path / "fleet"
    yield seen
    for pid in pids(seen):
        if pid is not None and alive(pid):
            os.kill(pid, signal.SIGKILL)


def start_balancer(folder: Path, code: str, count: int) -> subprocess.Popen[str]:
    """Another process that launches workers, prints a line, and stays: to be killed."""
    script = (
        "import asyncio, sys, time\nfrom pathlib import Path\n"
        "from balancer.fleet import Order\n"
        "from balancer.fleets.process import ProcessFleet\nfrom wire import log\n"
        "log.configure('test')\n"
        f"fleet = ProcessFleet(Path({str(folder)!r}), 5.0, {command(code)!r})\n"
        f"asyncio.run(fleet.launch(Order({count})))\nprint('up', flush=True)\ntime.sleep(600)\n"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert started.stdout is not None
    if started.stdout.readline() != "up\n":
        started.kill()
        raise AssertionError("the balancer did not start")
    return started


def killed_balancer(folder: Path, code: str, count: int) -> list[int]:
    """Pids of the workers that a balancer left behind when it was killed."""
    with start_balancer(folder, code, count) as balancer:
        balancer.kill()
    return pids(folder)


async def test_workers_know_their_ids_and_are_in_sessions_of_their_own(folder: Path) -> None:
    fleet = ProcessFleet(folder, 5.0, command(CLEAN))
    await fleet.launch(Order(2))
    workers = await fleet.workers()
    assert len({worker.id for worker in workers}) == 2
    for worker in workers:
        record = json.loads((folder / f"{worker.id}.json").read_text())
        process = psutil.Process(record["pid"])
        await until(lambda process=process: "-c" in process.cmdline())
        assert process.environ()["CLASSIFYCLOUD_WORKER_ID"] == worker.id
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
    await fleet.close()


def test_a_worker_package_of_the_current_folder_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "__init__.py").touch()
    (tmp_path / "worker" / "__main__.py").write_text("raise SystemExit(77)")
    environment = {**os.environ, "CLASSIFYCLOUD_BATCH": "none"}
    done = subprocess.run(WORKER, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "CLASSIFYCLOUD_BATCH" in done.stderr


async def test_a_worker_that_dies_is_forgotten_and_no_zombie_stays(folder: Path) -> None:
    fleet = ProcessFleet(folder, 5.0, command(IDLE))
    await fleet.launch(Order(2))
    [first, _] = pids(folder)
    os.kill(first, signal.SIGKILL)
    await gone(fleet, left=1)
    assert not psutil.pid_exists(first)
    assert first not in pids(folder)
    await fleet.close()


async def test_end_lets_a_worker_finish_and_forces_one_that_does_not(folder: Path) -> None:
    now = [0.0]
    fleet = ProcessFleet(folder, 5.0, command(DEAF), clock=lambda: now[0])
    await fleet.launch(Order(1))
    [pid] = pids(folder)
    await until(lambda: _ignores_sigterm(pid))
    [worker] = await fleet.workers()
    await fleet.end(worker.id, grace=3.0)
    await fleet.end("nobody", grace=3.0)
    now[0] = 2.9
    await fleet.tend(Order(0))
    assert [each.ending for each in await fleet.workers()] == [True]
    assert not await fleet.spare(worker.id), "a signal cannot be taken back"
    now[0] = 3.0
    await fleet.workers()
    assert alive(pid), "looking ends nobody"
    await fleet.tend(Order(0))
    await until(lambda: not alive(pid))
    assert await fleet.workers() == []


async def test_close_waits_for_those_that_finish(folder: Path) -> None:
    fleet = ProcessFleet(folder, 10.0, command(CLEAN))
    await fleet.launch(Order(2))
    there = pids(folder)
    for pid in there:
        await until(lambda pid=pid: _catches_sigterm(pid))
    await fleet.close()
    assert [pid for pid in there if psutil.pid_exists(pid)] == []
    assert pids(folder) == []


async def test_workers_outlive_a_killed_balancer_and_are_adopted(folder: Path) -> None:
    there = killed_balancer(folder, CLEAN, 2)
    assert all(alive(pid) for pid in there)
    heir = ProcessFleet(folder, 10.0, command(CLEAN))
    assert sorted(worker.id for worker in await heir.workers()) == ids(folder)
    os.kill(there[0], signal.SIGKILL)
    await until(lambda: not alive(there[0]))
    assert len(await heir.workers()) == 1
    await heir.close()
    assert [pid for pid in there if alive(pid)] == []


async def test_a_balancer_killed_between_record_and_process_loses_nobody(folder: Path) -> None:
    [pid] = killed_balancer(folder, CLEAN, 1)
    [path] = files(folder)
    rewrite(path, pid=None, created=None)
    heir = ProcessFleet(folder, 10.0, command(CLEAN))
    assert [worker.id for worker in await heir.workers()] == [path.stem]
    await heir.close()
    assert not alive(pid)


async def test_a_record_cut_short_still_finds_its_worker(folder: Path) -> None:
    [pid] = killed_balancer(folder, CLEAN, 1)
    [path] = files(folder)
    path.write_text('{"id": "w-')
    heir = ProcessFleet(folder, 10.0, command(CLEAN))
    assert [worker.id for worker in await heir.workers()] == [path.stem]
    await heir.close()
    assert not alive(pid)


async def test_a_worker_is_found_though_the_clock_was_set(folder: Path) -> None:
    [pid] = killed_balancer(folder, CLEAN, 1)
    [path] = files(folder)
    rewrite(path, created=1000.0)
    heir = ProcessFleet(folder, 10.0, command(CLEAN))
    assert len(await heir.workers()) == 1
    await heir.close()
    assert not alive(pid)


@pytest.fixture
def claimed(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is no worker, and a record whose worker once had its pid."""
    other = subprocess.Popen(command(IDLE))
    folder.mkdir()
    claim = {"id": "w-old", "launched_at": 1.0, "pid": other.pid, "created": 1000.0}
    (folder / "w-old.json").write_text(json.dumps(claim))
    yield other
    (folder / "w-old.json").unlink(missing_ok=True)
    other.kill()
    other.wait()


async def test_a_pid_that_is_another_process_by_now_is_no_worker(folder: Path, claimed) -> None:
    fleet = ProcessFleet(folder, 0.2, command(IDLE))
    assert await fleet.workers() == []
    await fleet.close()
    assert claimed.poll() is None
    assert ids(folder) == []


def test_sweep_leaves_a_pid_alone_that_is_another_process_by_now(folder: Path, claimed) -> None:
    assert _sweep(folder, 0.2) == 0
    assert claimed.poll() is None
    assert ids(folder) == []


async def test_two_balancers_do_not_share_a_folder(folder: Path) -> None:
    first = ProcessFleet(folder, 1.0, command(IDLE))
    with pytest.raises(FolderInUse, match="another balancer"):
        ProcessFleet(folder, 1.0, command(IDLE))
    await first.close()
    await ProcessFleet(folder, 1.0, command(IDLE)).close()


async def test_a_command_that_cannot_be_started_leaves_no_record(folder: Path) -> None:
    fleet = ProcessFleet(folder, 1.0, ["/nonexistent/worker"])
    with pytest.raises(OSError, match="nonexistent"):
        await fleet.launch(Order(1))
    assert await fleet.workers() == []
    assert ids(folder) == []
    await fleet.close()


def test_sweep_ends_what_a_killed_balancer_left(folder: Path) -> None:
    there = killed_balancer(folder, CLEAN, 2) + killed_balancer(folder, DEAF, 1)
    assert _sweep(folder, 1.0) == 0
    assert [pid for pid in there if alive(pid)] == []
    assert ids(folder) == []


def test_sweep_of_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    assert _sweep(tmp_path / "none", 1.0) == 0
    assert not (tmp_path / "none").exists()


def _sweep(folder: Path, grace: float) -> int:
    sweep = [sys.executable, "-m", "balancer.fleets.sweep", str(folder), "--grace", str(grace)]
    return subprocess.run(sweep, check=False, timeout=60).returncode


def _mask(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1], 16)
    raise AssertionError(name)


def _ignores_sigterm(pid: int) -> bool:
    return bool(_mask(pid, "SigIgn:") >> (signal.SIGTERM - 1) & 1)


def _catches_sigterm(pid: int) -> bool:
    return bool(_mask(pid, "SigCgt:") >> (signal.SIGTERM - 1) & 1)
