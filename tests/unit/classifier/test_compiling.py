"""Networks are compiled by one process at a time, and not before somebody asks."""

import fcntl
import signal
import stat
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

    refused = threading.local()

    def locked(file, how):
        try:
            lock(file, how)
        except BlockingIOError:
            if not hasattr(refused, "once"):
                refused.once = begin.wait(10)
            raise

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


def test_a_stopped_process_keeps_nobody_waiting_for_ever(tmp_path, holder, caplog):
    holder.send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    with in_turn(tmp_path, patience=0.3):
        assert time.monotonic() - begun >= 0.3
    assert "beside another process" in caplog.text


def test_nobody_else_may_hold_the_lock(tmp_path):
    (tmp_path / LOCK).touch(0o644)
    with in_turn(tmp_path):
        assert stat.S_IMODE((tmp_path / LOCK).stat().st_mode) == 0o600


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


def test_what_failed_is_logged_and_tried_again_after_a_pause(caplog):
    made = []

    def make():
        made.append(1)
        if len(made) == 1:
            raise OSError("too many open files")
        return "it"

    later = Later(make, pause=0.5)
    with pytest.raises(OSError, match="too many"):
        later.begun().result(10)
    assert "too many open files" in caplog.text
    assert later.now() is None
    assert made == [1]
    time.sleep(0.5)
    assert later.begun().result(10) == later.now() == "it"
    assert made == [1, 1]


def test_a_thread_that_cannot_be_started_is_one_such_failure(monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    later = Later(lambda: "it", pause=0.2)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert later.now() is None
        with pytest.raises(RuntimeError, match="new thread"):
            later.begun().result(0)
    time.sleep(0.2)
    assert later.begun().result(10) == "it"


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
    assert compiled == [4]  # callers: on two lanes, and in front of them
    go.set()
    np.testing.assert_allclose(engine.predict(picture), soon, atol=1e-5)
    assert compiled == [4, 1]
    np.testing.assert_allclose(engine.predict_soon(picture), soon, atol=1e-5)
    assert (tmp_path / LOCK).exists()
