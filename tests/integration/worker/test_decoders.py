"""Decoders that die, hang, lie or lose their worker: only the picture that did it is refused."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from classifier.errors import InvalidImage, TooManyPixels, UnsupportedFormat
from classifier.limits import ImageLimits
from classifier.manifest import Preprocessing
from classifier.preprocess import prepare
from local.samples import FOLDER
from tests.integration.decoding import COFFEE, LIMITS, SPEC, decoders, good, having
from tests.odd_pictures import KINDS, saved
from wire.errors import DecoderCrashed
from worker.decoder import pool, tray
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


async def test_a_decoder_sees_what_the_worker_would_have_seen(decoders):
    """Every odd picture, in the jail: whatever were still to be imported there would be missed."""
    base = Image.open(FOLDER / "chelsea.jpg").convert("RGB").resize((150, 120))
    for name, odd in KINDS.items():
        data = odd.make(base)
        inside = await decoders.prepare(data, SPEC)
        assert np.array_equal(inside, prepare(data, SPEC, LIMITS)), name
    assert inside.dtype == np.uint8


async def test_what_is_too_large_for_the_tray_goes_over_the_line(decoders):
    """In every mixture, so that neither way leaves anything behind for the other."""
    noise = np.random.default_rng(3).integers(0, 256, (1200, 1000, 3), np.uint8)
    files = {"small": COFFEE, "large": saved(Image.fromarray(noise), "PNG")}
    assert len(files["large"]) > tray.FILE
    specs = [SPEC, Preprocessing(side=640, interpolation="nearest")]
    assert specs[1].side ** 2 * 3 > tray.SQUARE
    for _ in range(2):
        for data in files.values():
            for spec in specs:
                inside = await decoders.prepare(data, spec)
                assert np.array_equal(inside, prepare(data, spec, LIMITS))


async def test_a_picture_is_not_changed_by_the_next_one(decoders):
    white, black = (saved(Image.new("RGB", (64, 64), color), "PNG") for color in ("white", "black"))
    first = [await decoders.prepare(white, SPEC) for _ in range(4)]
    assert all([(await decoders.prepare(black, SPEC) == 0).all() for _ in range(4)])
    assert all((each == 255).all() for each in first)


async def test_damaged_pictures_are_refused_in_the_same_words(decoders):
    random = np.random.default_rng(7)
    base = Image.open(FOLDER / "chelsea.jpg").convert("RGB").resize((60, 48))
    files = [odd.make(base) for odd in KINDS.values() if odd.make(base)[:4] != b"RIFF"]
    for data in files:
        broken = bytearray(data)
        for at in random.integers(0, len(data), 3):
            broken[at] = random.integers(0, 256)
        assert await outcome(decoders, bytes(broken)) == direct(bytes(broken))


async def outcome(decoders, data):
    try:
        return (await decoders.prepare(data, SPEC)).tobytes()
    except Exception as error:
        return type(error), str(error)[:100]


def direct(data):
    try:
        return prepare(data, SPEC, LIMITS).tobytes()
    except Exception as error:
        text = str(error)[:100].encode("ascii", "replace").decode()
        return type(error), "".join(each if " " <= each <= "~" else "?" for each in text)


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"<svg/>", UnsupportedFormat, "no picture of a known format"),
        (COFFEE[:3000], InvalidImage, "broken"),
        (saved(Image.new("1", (8000, 8000)), "PNG"), TooManyPixels, "8000 x 8000"),
    ],
)
async def test_refusals_come_back_whole(decoders, data, error, text):
    with pytest.raises(error, match=text):
        await decoders.prepare(data, SPEC)
    assert good(await decoders.prepare(COFFEE, SPEC))


looking = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a decoder")


@looking
async def test_a_decoder_holds_no_secret(decoders):
    assert len(decoders.idle) == 2
    for pid in (decoders.nursery, *decoders.idle):
        environment = of(pid, "environ")
        assert "PATH=" in environment
        for secret in ("open-sesame", "AWS", "CLASSIFYCLOUD"):
            assert secret not in environment
        assert "open-sesame" not in of(pid, "cmdline")


@looking
async def test_a_decoder_is_locked_in(decoders):
    for pid in decoders.idle:
        status = dict(line.split(":\t", 1) for line in of(pid, "status").splitlines())
        assert (status["Seccomp"], status["NoNewPrivs"], status["Threads"]) == ("2", "1", "1")
        for name, most in [("core file", 0), ("file", 0), ("open files", 3), ("processes", 0)]:
            line = next(each for each in of(pid, "limits").splitlines() if f"Max {name}" in each)
            assert line.split()[-3] == str(most)
        assert int(of(pid, "oom_score_adj")) == 1000
        links = [str(each.readlink()) for each in folder(pid, "fd").iterdir()]
        assert sorted(each.split(":")[0] for each in links) == ["/dev/null"] * 3 + ["socket"]


def folder(pid, name):
    return Path(f"/proc/{pid}") / name


def of(pid, name):
    return folder(pid, name).read_text()


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
