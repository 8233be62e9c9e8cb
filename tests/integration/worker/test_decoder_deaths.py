"""Decoders that die, hang or lose their worker: only the picture that did it is refused."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from classifier.limits import ImageLimits
from tests.integration.decoding import COFFEE, LIMITS, SPEC, decoders, good, having
from tests.odd_pictures import saved
from wire.errors import DecoderCrashed
from worker.decoder import pool
from worker.decoder.jail import Terms
from worker.decoder.pool import Bounds, Decoders, NoDecoder

ROOT = Path(__file__).parents[3]

__all__ = ["decoders"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def held(decoders):
    """Stop every decoder, so that the next picture is in its hands for as long as we like."""
    for pid in decoders.idle:
        os.kill(pid, signal.SIGSTOP)
    return decoders.idle


async def at_work(decoders, data=COFFEE):
    """A picture in the hands of a decoder that does not move, and that decoder."""
    before = held(decoders)
    job = asyncio.create_task(decoders.prepare(data, SPEC))
    async with asyncio.timeout(20):
        while len(decoders.idle) == len(before):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    (pid,) = set(before) - set(decoders.idle)
    await asyncio.sleep(0.05)
    for other in decoders.idle:
        os.kill(other, signal.SIGCONT)
    return job, pid


async def gone(pid):
    async with asyncio.timeout(20):
        while psutil.pid_exists(pid):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_an_innocent_picture_whose_decoder_is_killed_is_answered_all_the_same(decoders):
    job, pid = await at_work(decoders)
    os.kill(pid, signal.SIGKILL)
    assert good(await job)
    assert pid not in decoders.idle
    await gone(pid)


async def test_a_decoder_that_is_killed_while_idle_is_replaced_unnoticed(decoders):
    for _ in range(3):
        for pid in decoders.idle:
            os.kill(pid, signal.SIGKILL)
        assert good(await decoders.prepare(COFFEE, SPEC))


@having(cpu=0.001, limits=ImageLimits(120_000_000), memory=2**31)
async def test_a_picture_that_takes_too_much_cpu_is_refused_at_once(decoders):
    """The kernel ends a decoder with SIGXCPU once it has used a second of CPU in all."""
    bomb = saved(Image.new("RGBA", (10_000, 10_000), (9, 9, 9, 9)), "PNG", compress_level=1)
    before = set(decoders.idle)
    told = []
    with pytest.raises(DecoderCrashed):
        await decoders.prepare(bomb, SPEC, lambda: told.append(1))
    assert told == [], "a second try would take as long"
    assert len(before & set(decoders.idle)) == 1
    assert good(await decoders.prepare(COFFEE, SPEC))


def granted(nursery, others):
    """Decoders but the others to whom time was granted, as it is with each picture."""
    new = {each.pid for each in nursery.children()} - others
    endless = resource.RLIM_INFINITY
    return {pid for pid in new if resource.prlimit(pid, resource.RLIMIT_CPU)[0] != endless}


async def test_a_picture_that_kills_two_decoders_is_refused_and_harms_no_other(decoders):
    job, pid = await at_work(decoders, saved(Image.new("RGB", (7000, 7000)), "PNG"))
    nursery, others = psutil.Process(decoders.nursery), {pid, *decoders.idle}
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(20):
        while not (new := granted(nursery, others)):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    os.kill(*new, signal.SIGKILL)
    rest = await asyncio.gather(*(decoders.prepare(COFFEE, SPEC) for _ in range(8)))
    with pytest.raises(DecoderCrashed):
        await job
    assert all(map(good, rest))
    assert not {pid, *new} & set(decoders.idle)


@having(seconds=1.0)
async def test_a_picture_that_takes_too_long_is_refused_and_its_decoder_ended(decoders):
    job, pid = await at_work(decoders)
    with pytest.raises(DecoderCrashed):
        await job
    await gone(pid)
    assert good(await decoders.prepare(COFFEE, SPEC))


@having(memory=2**28)
async def test_a_picture_that_takes_too_much_memory_is_refused(decoders):
    large = saved(Image.new("RGB", (7000, 7000)), "PNG", compress_level=1)
    with pytest.raises(DecoderCrashed):
        await decoders.prepare(large, SPEC)
    assert good(await decoders.prepare(COFFEE, SPEC))


async def test_a_job_that_is_given_up_amid_its_picture_leaves_no_answer_to_the_next(decoders):
    job, pid = await at_work(decoders)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await gone(pid)
    white = saved(Image.new("RGB", (64, 64), "white"), "PNG")
    for _ in range(4):
        assert (await decoders.prepare(white, SPEC) == 255).all()


async def test_a_nursery_that_is_killed_is_replaced_with_all_its_decoders(decoders):
    first, old = decoders.nursery, decoders.idle
    os.kill(first, signal.SIGKILL)
    for pid in old:
        await gone_or_unburied(pid)
    assert good(await decoders.prepare(COFFEE, SPEC))
    assert decoders.nursery != first


async def gone_or_unburied(pid):
    async with asyncio.timeout(20):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie":  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_crashing_decoders_cannot_keep_the_machine_forking(decoders):
    start, killed = time.monotonic(), set()
    while time.monotonic() - start < 3:
        for pid in decoders.idle:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        assert good(await decoders.prepare(COFFEE, SPEC))
    assert len(killed) <= pool.BURST + pool.RATE * (time.monotonic() - start) + 2


async def test_where_no_decoder_can_be_started_it_is_said(monkeypatch):
    decoders = Decoders(1, Terms(2**30), Bounds(LIMITS, 10))
    first = decoders.nursery
    monkeypatch.setattr(sys, "executable", "/bin/false")
    os.kill(first, signal.SIGKILL)
    watch = asyncio.create_task(decoders.watch())
    with pytest.raises(NoDecoder, match="no decoder can be started"):
        await decoders.open()
    with pytest.raises(NoDecoder):
        await watch
    decoders.close()


OWNER = """
import asyncio, sys
from classifier.limits import ImageLimits
from worker.decoder.jail import Terms
from worker.decoder.pool import Bounds, Decoders

async def main():
    decoders = Decoders(3, Terms(2**30), Bounds(ImageLimits(), 10))
    await decoders.open()
    print(decoders.nursery, *decoders.idle, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("busy", [False, True])
def test_a_worker_that_is_killed_leaves_nothing_behind(busy):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        processes = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
        assert len(processes) == 4
        if busy:  # one that decodes hears of no closed line
            for each in processes[1:]:
                each.send_signal(signal.SIGSTOP)
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()
    _, alive = psutil.wait_procs(processes, 10)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
