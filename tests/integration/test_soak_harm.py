"""What the soak counts as a restart, and what as left over: seen on real processes."""

import asyncio
import json
import os
import subprocess
import sys

import psutil
import pytest

from bench.live.watching import watching
from bench.soak.census import Census, strays
from bench.soak.front_end import FrontEnd, NotRestarted
from bench.soak.run import _together

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def started():
    """Start a process that sleeps, with these words in its command line and no environment."""
    running = []

    def start(*words: str) -> psutil.Process:
        running.append(subprocess.Popen([sys.executable, "-c", SLEEP, *words], env={}))
        return psutil.Process(running[-1].pid)

    yield start
    for each in running:
        each.kill()
        each.wait()


def note(data, process: psutil.Process, earlier: float = 0.0) -> None:
    (data / "run").mkdir(exist_ok=True)
    fields = {"pid": process.pid, "created": process.create_time() - earlier}
    (data / "run" / "api.json").write_text(json.dumps(fields))


async def test_a_restart_is_another_process_in_the_place_of_the_one_that_was_stopped(
    tmp_path, started
) -> None:
    first, front_end = started(), FrontEnd(tmp_path)
    note(tmp_path, first)

    async def keep() -> None:
        while first.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        note(tmp_path, started())

    await asyncio.gather(front_end.restart(30), keep())
    assert front_end.restarts == 1


async def test_a_front_end_that_nobody_starts_again_was_not_restarted(tmp_path, started) -> None:
    front_end = FrontEnd(tmp_path)
    note(tmp_path, first := started())
    with pytest.raises(NotRestarted, match=str(first.pid)):
        await front_end.restart(0.5)
    assert front_end.restarts == 0


@pytest.mark.parametrize(
    "text", [None, "", '{"pid": 1', '{"pid": 1}', '{"pid": null, "created": 1}']
)
async def test_without_a_note_nothing_is_stopped(tmp_path, text) -> None:
    if text is not None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "api.json").write_text(text)
    front_end = FrontEnd(tmp_path)
    assert front_end.stop() is None
    with pytest.raises(NotRestarted, match="no front end to stop"):
        await front_end.restart(0.2)
    assert front_end.restarts == 0


def test_a_stale_note_means_nobody(tmp_path, started) -> None:
    note(tmp_path, process := started(), earlier=60)
    assert FrontEnd(tmp_path).stop() is None
    assert process.status() != psutil.STATUS_ZOMBIE


async def test_a_failed_restart_ends_the_run_with_its_reason() -> None:
    served = []

    async def clients() -> None:
        await asyncio.sleep(60)
        served.append(1)

    async def restart() -> None:
        raise NotRestarted("why")

    with pytest.raises(NotRestarted, match="why"):
        await _together(clients(), restart())
    assert served == []


def test_decoders_are_known_by_their_worker_though_they_carry_no_mark(tmp_path, started) -> None:
    worker = psutil.Process()
    decoder = started("worker.decoder", "7", str(worker.pid), "0")
    started("worker.decoder")
    started("worker.decoder", "7", "many", "0")
    assert strays(tmp_path, ()) == []
    assert strays(tmp_path, {(worker.pid, worker.create_time())}) == [decoder.pid]
    # The number is another worker's by now.
    assert strays(tmp_path, {(worker.pid, worker.create_time() - 60)}) == []


async def test_a_decoder_whose_worker_has_gone_is_left_over(tmp_path, started) -> None:
    gone = subprocess.Popen([sys.executable, "-c", SLEEP])  # noqa: ASYNC220
    census, fleet = Census(tmp_path), tmp_path / "fleet"
    fleet.mkdir()
    record = {"pid": gone.pid, "created": psutil.Process(gone.pid).create_time()}
    (fleet / "w1.json").write_text(json.dumps(record))
    (fleet / "w2.json").write_text(json.dumps({"pid": os.getpid(), "created": None}))
    decoder = started("worker.decoder", "7", str(gone.pid), "0")
    async with watching(census):
        while not census.seen:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    (fleet / "w1.json").unlink()
    gone.kill()
    gone.wait()
    assert census.most == 1
    assert await census.left(0.3) == [decoder.pid]
    decoder.kill()
    assert await census.left(5) == []
