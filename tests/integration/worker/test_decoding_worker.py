"""A real worker and its decoders: who dies of a picture, who does not, and what each of them holds."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.integration.workbench import PATIENCE

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def family(worker):
    """The process that decoders are forked from, and the decoders."""
    (nursery,) = psutil.Process(worker.pid).children()
    assert nursery.cmdline()[3:5] == ["-m", "worker.decoder"]
    return nursery, nursery.children()


def stop(processes):
    for each in processes:
        each.send_signal(signal.SIGSTOP)


async def ready(bench, **settings):
    await bench.open()
    worker = bench.start(**settings)
    await bench.reported("ready")
    return worker


async def reading(process, deadline=20.0):
    """A stopped decoder has a picture waiting in its line."""
    async with asyncio.timeout(deadline):
        while not waiting(process):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def waiting(process):
    """Whether the worker has given it a picture: its processor time is granted anew then."""
    rows = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    row = next(each for each in rows if each.startswith("Max cpu time"))
    return row.split()[3] != "unlimited"


async def test_a_decoder_that_is_killed_costs_nobody_an_answer(bench):
    worker = await ready(bench, decoders=1)
    _, (decoder,) = family(worker)
    stop([decoder])
    (uid,) = await bench.ask("coffee.jpg")
    await reading(decoder)
    decoder.kill()
    assert (await bench.answers(1))[uid].result == "red"
    assert worker.poll() is None
    assert "a decoder is gone" in bench.log.read_text()


async def test_a_picture_that_takes_too_long_is_answered_and_its_neighbors_are_too(bench):
    worker = await ready(bench, decoders=2, decoder_seconds=2)
    _, decoders = family(worker)
    stop(decoders[:1])
    ids = await bench.ask(*["coffee.jpg"] * 9)
    found = await bench.answers(9)
    codes = [found[uid].error and found[uid].error.code for uid in ids]
    assert sorted(map(str, codes)) == ["None"] * 8 + ["decoder_crashed"]
    assert all(found[uid].result == "red" for uid in ids if found[uid].error is None)
    assert worker.poll() is None
    (uid,) = await bench.ask("chelsea.jpg")
    assert (await bench.answers(1))[uid].result == "red"


async def test_pictures_larger_than_the_settings_allow_are_refused(bench):
    await ready(bench, max_side=599)
    (uid,) = await bench.ask("coffee.jpg")  # 600 x 400
    assert (await bench.answers(1))[uid].error.code == "too_many_pixels"


looking = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a decoder")


@looking
async def test_the_worker_itself_does_not_decode(bench):
    worker = await ready(bench)
    (uid,) = await bench.ask("coffee.jpg")
    assert (await bench.answers(1))[uid].result == "red"
    nursery, _ = family(worker)
    assert "_imaging" not in Path(f"/proc/{worker.pid}/maps").read_text()  # noqa: ASYNC240
    assert "_imaging" in Path(f"/proc/{nursery.pid}/maps").read_text()  # noqa: ASYNC240


@looking
async def test_no_decoder_holds_what_its_worker_holds(bench, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "open-sesame")
    worker = await ready(bench)
    assert "open-sesame" in psutil.Process(worker.pid).environ().values()
    nursery, decoders = family(worker)
    assert len(decoders) == 2
    for each in (nursery, *decoders):
        names = set(each.environ())
        assert not [name for name in names if name.startswith(("AWS", "CLASSIFYCLOUD"))]
        assert each.cwd() == "/"
        assert os.getsid(each.pid) == nursery.pid
    queue = [line for line in psutil.Process(worker.pid).net_connections() if line.raddr]
    assert queue, "the worker talks to its queues"
    assert not [line for each in decoders for line in each.net_connections("inet")]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_a_worker_that_goes_leaves_no_process_behind(bench, how):
    worker = await ready(bench)
    nursery, decoders = family(worker)
    if how == signal.SIGKILL:
        stop(decoders)  # amid a picture they hear of no closed line
    worker.send_signal(how)
    await asyncio.to_thread(worker.wait, PATIENCE)
    _, alive = await asyncio.to_thread(psutil.wait_procs, [nursery, *decoders], 10)
    assert alive == []
