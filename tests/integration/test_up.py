"""The supervisor with real processes and real signals; the parts are small stand-ins."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

SCRIPT = Path(__file__).with_name("up_of_stand_ins.py")
ROOT = SCRIPT.parents[2]
PATIENCE = 60.0  # seconds for what takes one, on a machine that is busy


class Up:
    """A running supervisor and what it printed."""

    def __init__(self, data: Path, *parts: str, hangup: signal.Handlers = signal.SIG_DFL) -> None:
        self.data = data
        self.output = data.with_suffix(f".{time.monotonic_ns()}.txt")
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPT), str(data), *parts],
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                preexec_fn=lambda: signal.signal(signal.SIGHUP, hangup),
            )

    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        until(lambda: text in self.printed(), seconds, f"{text!r} in {self.printed()!r}")

    def part(self, name: str) -> psutil.Process:
        note = (self.data / "run" / f"{name}.json").read_text()
        found = re.search(r'"pid": (\d+)', note)
        assert found
        return psutil.Process(int(found[1]))

    def family(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if belongs(process, self.data)]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def events(self) -> list[str]:
        return (self.data / "events").read_text().splitlines()


def belongs(process: psutil.Process, data: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and process.environ().get("CLASSIFYCLOUD_UP") == str(data)
    return False


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.03)


Start = Callable[..., Up]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts supervisors on one folder; whatever a failed test leaves is ended."""
    data = tmp_path / "data"
    started: list[Up] = []

    def begin(*parts: str, hangup: signal.Handlers = signal.SIG_DFL) -> Up:
        started.append(Up(data, *parts, hangup=hangup))
        return started[-1]

    yield begin
    for up in started:
        up.process.kill()
        up.process.wait()
    for process in psutil.process_iter():
        if belongs(process, data):
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stops_all_in_order_and_leaves_nothing(start: Start, number: signal.Signals) -> None:
    up = start("front=good", "middle=good", "back=good")
    up.wait_for("everything runs")
    assert up.stop(number) == 0
    assert up.events() == ["front stopped", "middle stopped", "back stopped"]
    assert up.family() == []
    assert list((up.data / "run").glob("*.json")) == []


def test_a_hangup_that_the_caller_ignores_is_ignored(start: Start) -> None:
    up = start("back=good", hangup=signal.SIG_IGN)
    up.wait_for("everything runs")
    up.process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        up.process.wait(1)
    assert "Stopping" not in up.printed()
    assert up.stop() == 0


def test_a_note_that_cannot_be_written_loses_nothing(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data" / "run" / ".front.json").mkdir(parents=True)
    up = start("front=good", "back=good")
    up.wait_for("everything runs")
    assert not (up.data / "run" / "front.json").exists()
    assert up.stop() == 0
    assert up.events() == ["front stopped", "back stopped"]
    assert up.family() == []


def test_an_error_leaves_no_process(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data" / "logs" / "front.log").mkdir(parents=True)
    up = start("front=good", "back=parent")
    assert up.process.wait(PATIENCE) == 1
    assert "IsADirectoryError" in up.printed()
    assert up.events() == ["back stopped"]
    assert up.family() == []


def test_what_others_wait_for_is_ready_before_they_start(start: Start) -> None:
    up = start("front=good", "back=good")
    up.wait_for("everything runs")
    text = up.printed()
    assert text.index("back      ready") < text.index("front     ready")
    assert up.part("back").create_time() < up.part("front").create_time()


def test_a_killed_part_comes_back_on_its_port_and_it_is_said(start: Start) -> None:
    up = start("front=good", "back=good")
    up.wait_for("everything runs")
    port = re.search(r"front +ready in .* port (\d+)", up.printed())
    assert port
    first = up.part("front")
    first.send_signal(signal.SIGKILL)
    up.wait_for("front     died (signal 9), starts again in 0.5 s")
    until(lambda: up.printed().count("front     ready") == 2, PATIENCE, "front to be ready again")
    assert up.part("front") != first
    assert httpx.get(f"http://127.0.0.1:{port[1]}/").status_code == 200
    assert up.part("back").is_running()
    assert up.printed().count("back      ready") == 1


def test_a_part_that_cannot_run_is_tried_ever_less_often_and_its_reason_is_shown(
    start: Start,
) -> None:
    up = start("front=short", "back=good")
    up.wait_for("starts again in 2 s")
    text = up.printed()
    assert [text.index(f"starts again in {delay} s") for delay in ("0.5", "1", "2")] == sorted(
        text.index(f"starts again in {delay} s") for delay in ("0.5", "1", "2")
    )
    assert "its last line: this part cannot run" in text
    assert str(up.data / "logs" / "front.log") in text
    assert "everything runs" not in text
    assert up.stop() == 0
    assert up.family() == []


def test_a_part_that_does_not_stop_is_killed_after_its_grace(start: Start) -> None:
    up = start("front=stubborn", "back=good")
    up.wait_for("everything runs")
    assert up.stop() == 0
    assert "front     killed" in up.printed()
    assert up.events() == ["front stopped", "back stopped"]
    assert up.family() == []


def test_a_second_signal_hurries(start: Start) -> None:
    up = start("a=stubborn", "b=stubborn", "c=stubborn", "d=stubborn", "e=good")
    up.wait_for("everything runs")
    up.process.send_signal(signal.SIGINT)
    up.wait_for("Stopping")
    began = time.monotonic()
    assert up.stop(signal.SIGINT) == 0
    # Four graces of a second each would be waited for otherwise.
    assert time.monotonic() - began < 3
    assert up.family() == []


def test_what_a_killed_part_had_started_is_cleared_away_in_the_end(start: Start) -> None:
    up = start("front=parent", "back=good")
    up.wait_for("everything runs")
    until(lambda: len(up.family()) == 3, PATIENCE, "the part's own child")
    assert up.stop() == 0
    assert up.family() == []


def test_a_killed_supervisor_leaves_a_service_that_the_next_one_ends(start: Start) -> None:
    first = start("front=parent", "back=good")
    first.wait_for("everything runs")
    until(lambda: len(first.family()) == 3, PATIENCE, "the part's own child")
    first.process.kill()
    first.process.wait()
    orphans = first.family()
    assert len(orphans) == 3
    second = start("front=good", "back=good")
    second.wait_for("Ended 3 processes that an earlier run left")
    second.wait_for("everything runs")
    assert not {orphan.pid for orphan in orphans} & {process.pid for process in second.family()}
    assert len(second.family()) == 2
    assert second.stop() == 0


def test_an_orphan_without_a_note_is_found_by_its_mark(start: Start) -> None:
    first = start("back=good")
    first.wait_for("everything runs")
    first.process.kill()
    first.process.wait()
    (first.data / "run" / "back.json").unlink()
    second = start("back=good")
    second.wait_for("Ended 1 processes")
    second.wait_for("everything runs")
    assert second.stop() == 0


def test_a_second_supervisor_on_the_folder_is_refused(start: Start) -> None:
    first = start("back=good")
    first.wait_for("everything runs")
    second = start("back=good")
    assert second.process.wait(PATIENCE) == 1
    assert f"runs already on {first.data} (process {first.process.pid})" in second.printed()
    assert first.part("back").is_running()
    assert first.stop() == 0


def test_what_the_parts_write_is_followed(start: Start) -> None:
    up = start("back=good")
    up.wait_for("back      serving")
    assert up.stop() == 0
    assert (up.data / "logs" / "back.log").read_text().startswith("serving\n")
