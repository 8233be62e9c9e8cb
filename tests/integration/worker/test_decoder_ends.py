"""When decoders end: with their worker, however it goes and whatever they do, and not before."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.integration.decoding import COFFEE, SPEC, decoders, good

ROOT = Path(__file__).parents[3]

__all__ = ["decoders"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux to end them")


@pytest.mark.parametrize("unheard", [signal.SIGTERM, signal.SIGINT])
async def test_what_ends_a_worker_leaves_its_decoders_to_the_pictures_in_hand(decoders, unheard):
    """systemd sends SIGTERM to all processes of a service, a terminal SIGINT."""
    before = (decoders.nursery, set(decoders.idle))
    for pid in (decoders.nursery, *decoders.idle):
        os.kill(pid, unheard)
    for _ in range(3):
        assert good(await decoders.prepare(COFFEE, SPEC))
    assert (decoders.nursery, set(decoders.idle)) == before


OWNER = """
import asyncio
from classifier.limits import ImageLimits
from worker.decoder.jail import Terms
from worker.decoder.pool import Bounds, Decoders

async def main():
    decoders = Decoders(2, Terms(2**30), Bounds(ImageLimits(), 10))
    await decoders.open()
    print(decoders.nursery, *decoders.idle, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def family():
    """A worker's process, that of its decoders' nursery, and those of two decoders."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with owner.stdout:
        processes = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
    yield owner, *processes
    for each in (owner, *processes):
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            each.kill()
    owner.wait()


def lasting(processes):
    _, alive = psutil.wait_procs(processes, 10)
    return [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


def test_what_hangs_ends_with_its_worker(family):
    """No closed line is heard in there: only the kernel, asked beforehand, can end these."""
    owner, *rest = family
    for each in rest:
        each.send_signal(signal.SIGSTOP)
    owner.kill()
    assert lasting(rest) == []


def test_decoders_that_hang_end_with_their_nursery(family):
    """Their worker lives, and holds the other end of their lines."""
    _, nursery, *rest = family
    for each in rest:
        each.send_signal(signal.SIGSTOP)
    nursery.kill()
    assert lasting(rest) == []
