"""The short form of `make soak`: real processes, killed, restarted, failing; nothing lost, nothing twice."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from bench.soak.census import Born, strays, workers
from local.up.leftovers import end, leftovers
from local.up.notes import Notes
from tests.servers import ROOT

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1500)]

JOBS = 400
PATIENCE = 300  # seconds of a client; those who give up are to be counted, well before LIMIT
LIMIT = 900  # seconds; on a free machine it takes two minutes
STOPPING = 170  # seconds: `up` lets its parts finish
SURE = 9  # hits to be expected of a fault from which none is no chance: e^-9
BOOKS = ("lost", "wrong", "doubled", "unrecorded", "contradicted", "unheard")
# Few jobs meet few faults, and how many meet which is the run's chance; these are always met often enough.
ALWAYS = ("sqs throttle", "sqs reorder", "s3 throttle", "s3 error", "s3 conflict")


@contextmanager
def soaking(folder: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """A soak while the block runs; at its end nothing of it is left, however the soak ended."""
    command = [sys.executable, "-m", "bench.soak", "--keep", str(folder), "--json", *options]
    pipe = subprocess.PIPE
    running = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    try:
        yield running
    finally:
        running.terminate()  # it then stops the service, which takes a while
        try:
            running.communicate(timeout=STOPPING)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
        finally:
            end_service((folder / "data").resolve())


def end_service(data: Path) -> None:
    """End the service of a soak that could not: `up` has a session of its own, and outlives it."""
    with suppress(OSError, ValueError, psutil.Error):
        up = psutil.Process(int((data / "up.lock").read_text()))
        if str(data) in up.cmdline():
            end([up], STOPPING)
    end(leftovers(data, Notes(data / "run")))


def test_nothing_is_lost_and_nothing_is_answered_twice(tmp_path) -> None:
    options = ["--jobs", str(JOBS), "--at-once", "48", "--every", "5", "--patience", str(PATIENCE)]
    with soaking(tmp_path / "soak", *options) as running:
        said, complaints = running.communicate(timeout=LIMIT)
    assert said, complaints
    found = json.loads(said)
    assert {name: found["books"][name] for name in BOOKS} == {name: [] for name in BOOKS}
    assert found["left"] == {}
    assert found["strays"] == 0
    least, most = found["bounds"]
    assert least <= found["workers"] <= found["most_workers"] <= most
    assert found["kills"] > 0
    assert found["redelivered"] > 0
    assert found["restarts"] == found["restarts_asked"] == 2
    sure = [name for name, expected in found["expected"].items() if expected >= SURE]
    assert set(ALWAYS) <= set(sure)
    assert all(found["faults"][name] for name in sure), found["faults"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_soak_that_is_stopped_leaves_no_process(tmp_path, number) -> None:
    data = (tmp_path / "soak" / "data").resolve()
    with soaking(tmp_path / "soak", "--jobs", "100000", "--at-once", "4") as running:
        seen = _decoding(data, running)
        running.send_signal(number)
        running.communicate(timeout=STOPPING)
        if number == signal.SIGTERM:
            assert running.returncode == 130
            assert strays(data, seen) == []
        else:  # nobody has told the service
            assert len(strays(data, seen)) > len(seen)
    assert strays(data, seen) == []


def _decoding(data: Path, running: "subprocess.Popen[str]") -> set[Born]:
    """Wait until the workers have decoders, which carry no mark; the workers."""
    over = time.monotonic() + 240
    while time.monotonic() < over and running.poll() is None:
        seen = set(workers(data))
        if len(seen) > 1 and len(strays(data, seen)) > len(strays(data, ())):
            return seen
        time.sleep(0.2)
    raise AssertionError(f"no decoder was ever seen: {running.poll()}, see {data}/logs")
