"""Networks are compiled by one process at a time, and not before somebody asks."""

import fcntl
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from classifier.catalog import Catalog
from classifier.engines import openvino
from classifier.engines.compiling import LOCK, Later, in_turn

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys
from pathlib import Path
from classifier.engines.compiling import in_turn
with in_turn(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that compiles until its input ends, or it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "in\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def waiting(cache, count):
    """So many that want to compile: their threads, and the moments at which they could."""
    went = []

    def run():
        with in_turn(cache):
            went.append(time.monotonic())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, went


def test_who_comes_while_another_process_compiles_waits_for_it(tmp_path, holder):
    threads, went = waiting(tmp_path, 2)
    threads[0].join(0.3)
    assert went == []
    holder.stdin.close()
    for thread in threads:
        thread.join(10)
    assert len(went) == 2


def test_a_killed_process_keeps_nobody_waiting(tmp_path, holder):
    threads, went = waiting(tmp_path, 1)
    holder.kill()
    threads[0].join(10)
    assert len(went) == 1


def test_those_who_waited_go_on_together(tmp_path, holder, monkeypatch):
    both, begin = threading.Barrier(2), threading.Barrier(3)
    lock = fcntl.flock

    def locked(file, how):
        if how == fcntl.LOCK_EX:
            begin.wait(10)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", locked)

    def run():
        with in_turn(tmp_path):
            both.wait(10)  # breaks where the second is kept out by the first

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    begin.wait(10)  # both have found it compiling
    holder.stdin.close()
    for thread in threads:
        thread.join(12)
    assert not both.broken


def test_nobody_waits_where_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("")
    for cache in (None, tmp_path / "file" / "below"):
        with in_turn(cache), in_turn(cache):
            pass


def test_what_comes_later_is_made_once_and_told_to_all():
    go, made = threading.Event(), []

    def make():
        go.wait(10)
        made.append(1)
        return "it"

    later = Later(make)
    assert later.now() is None
    go.set()
    assert {later.begun().result(10) for _ in range(3)} == {"it"}
    assert (later.now(), len(made)) == ("it", 1)


def test_what_cannot_be_made_is_not_there_and_says_why():
    def make():
        raise RuntimeError("no memory")

    later = Later(make)
    with pytest.raises(RuntimeError, match="no memory"):
        later.begun().result(10)
    assert later.now() is None


def test_one_picture_does_not_wait_until_the_network_is_compiled_for_all_cores(
    tmp_path, monkeypatch
):
    bundle, go, compiled = Catalog().find(), threading.Event(), []
    compile_one = openvino._compiled

    def compile_slowly(*given):
        if compiled:
            assert go.wait(10)
        compiled.append(given[-1])
        return compile_one(*given)

    monkeypatch.setattr(openvino, "_compiled", compile_slowly)
    engine = openvino.OpenVinoEngine.load(bundle, threads=2, cache=tmp_path)
    side = bundle.manifest.preprocessing.side
    picture = np.random.default_rng(4).integers(0, 256, (1, side, side, 3), np.uint8)
    soon = engine.predict_soon(picture)
    assert compiled == [2]
    go.set()
    np.testing.assert_allclose(engine.predict(picture), soon, atol=1e-5)
    assert compiled == [2, 1]
    np.testing.assert_allclose(engine.predict_soon(picture), soon, atol=1e-5)
    assert (tmp_path / LOCK).exists()
