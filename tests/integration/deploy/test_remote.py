"""`classifycloud remote` from a terminal to nothing left, on instances that really run what they are told."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.far_cloud import COMMAND, NAME, Cloud, machines
from tests.servers import moto_server

pytestmark = [pytest.mark.timeout(240), pytest.mark.aws]
PATIENCE = 120.0
# Says where it is, works until it may end, leaves what it made; on Ctrl-C too.
JOB = """
import pathlib, signal, sys, time
def end(*_):
    pathlib.Path("made").mkdir(exist_ok=True)
    pathlib.Path("made/kept.txt").write_text("as far as it got")
    print("saved", flush=True)
    sys.exit(130)
signal.signal(signal.SIGINT, end)
print("read", pathlib.Path("given.txt").read_text(), flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.1)
pathlib.Path("given.txt").write_text("changed")
pathlib.Path("made").mkdir()
pathlib.Path("made/model.bin").write_bytes(bytes(100_000))
print("done", flush=True)
sys.exit(3)
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("far")
    with moto_server() as url, machines(url, folder) as ssm:
        made = Cloud(url, ssm, folder)
        made.make_stack()
        yield made


class Terminal:
    """`classifycloud remote …` with a working folder of its own."""

    def __init__(self, cloud: Cloud, folder: Path, *words: str) -> None:
        self.cloud, self.folder = cloud, folder
        self.out, self.err = folder.with_suffix(".out"), folder.with_suffix(".err")
        if not folder.exists():
            folder.mkdir()
            (folder / "given.txt").write_text("what is given")
            (folder / "job.py").write_text(JOB)
            (folder / ".venv").mkdir()
            (folder / ".venv" / "left.bin").write_text("stays here")
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [COMMAND, "remote", *words],
                cwd=folder,
                env=cloud.environment,
                stdout=out,
                stderr=err,
            )

    @classmethod
    def runs(cls, cloud: Cloud, folder: Path, *options: str) -> "Terminal":
        release = folder.with_suffix(".release")
        words = (
            "--instance",
            "t3.micro",
            "--hours",
            "8",
            *options,
            "--",
            "python",
            "job.py",
            release,
        )
        return cls(cloud, folder, "run", *map(str, words))

    @property
    def id(self) -> str:
        return self.err.read_text().partition(":")[0]

    def said(self, text: str) -> "Terminal":
        waited(lambda: text in self.out.read_text(), lambda: f"never said {text!r}: {self}")
        return self

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def release(self) -> None:
        self.folder.with_suffix(".release").touch()

    def read(self) -> str:
        """What it said on stdout, once it has ended well."""
        assert self.ended() == 0, self
        return self.out.read_text()

    def ended(self) -> int:
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"never ended: {self}") from None

    def __str__(self) -> str:
        return f"{self.out.read_text()}\n--- stderr\n{self.err.read_text()}"


def waited(holds, why) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, why()
        time.sleep(0.1)


def nothing_left(cloud: Cloud, run: str) -> None:
    left = [key for key in cloud.objects() if run in key]
    assert (left, cloud.instances(run)) == ([], [])


@pytest.fixture(scope="module")
def runs(cloud, tmp_path_factory) -> dict[str, Terminal]:
    """All that is run here, begun at once: most of the time each waits for the other side."""
    place = tmp_path_factory.mktemp("terminals")
    options = {
        "whole": ("--spot",),
        "stopped": (),
        "taken over": (),
        "missed": ("--grace", "0.1"),
        "too long": ("--hours", "1", "--unattended"),
        "early": (),
    }
    begun = {name: Terminal.runs(cloud, place / name, *each) for name, each in options.items()}
    early = begun["early"]
    waited(lambda: "is launched" in early.err.read_text(), lambda: str(early))
    early.kill()
    return begun


def test_a_command_says_what_it_says_leaves_its_files_and_nothing_else(cloud, runs):
    terminal = runs["whole"].said("read what is given")
    assert terminal.process.poll() is None, "its words come while it runs"
    (row,) = cloud.instances(terminal.id)
    tags = {tag["Key"]: tag["Value"] for tag in row["Tags"]}
    assert tags["classifycloud-deployment"] == NAME
    assert float(tags["classifycloud-deadline"]) - time.time() == pytest.approx(28_800, abs=200)
    assert row["MetadataOptions"]["HttpTokens"] == "required"
    assert row["InstanceLifecycle"] == "spot"
    assert "KeyName" not in row
    there = next((cloud.folder / row["InstanceId"]).glob("disk/r-*/"))
    assert not (there / ".venv").exists()
    terminal.release()
    assert terminal.ended() == 3, terminal
    said = "read what is given\ndone\nremote: files that are new or changed: 2, "
    assert terminal.out.read_text().startswith(said), terminal
    assert (terminal.folder / "given.txt").read_text() == "changed"
    assert (terminal.folder / "made" / "model.bin").stat().st_size == 100_000
    nothing_left(cloud, terminal.id)


def test_ctrl_c_ends_the_command_fetches_what_there_is_and_leaves_nothing(cloud, runs):
    terminal = runs["stopped"].said("read")
    os.kill(terminal.process.pid, signal.SIGINT)
    assert terminal.ended() == 130, terminal
    assert "saved" in terminal.out.read_text()
    assert (terminal.folder / "made" / "kept.txt").read_text() == "as far as it got"
    nothing_left(cloud, terminal.id)


def test_a_terminal_that_dies_is_taken_over_by_another(cloud, runs, tmp_path):
    terminal = runs["taken over"].said("read")
    terminal.kill()
    listed = json.loads(Terminal(cloud, tmp_path / "list", "list", "--json").read())["runs"]
    (row,) = (row for row in listed if row["run"] == terminal.id)
    assert row["state"] == "running"
    assert row["dollars"] > 0
    words = ("attach", terminal.id, "--into", str(terminal.folder))
    other = Terminal(cloud, tmp_path / "other", *words).said("read what is given")
    terminal.release()
    assert other.ended() == 3, other
    assert (terminal.folder / "made" / "model.bin").exists()
    nothing_left(cloud, terminal.id)


def test_a_terminal_that_nobody_takes_over_is_missed_and_the_instance_ends_itself(
    cloud, runs, tmp_path
):
    """Killed amid its command, and amid one that outlives its hours; a third one was killed amid the boot."""
    lost, long, early = runs["missed"], runs["too long"], runs["early"]
    for each in (lost.said("read"), long.said("read")):
        each.kill()
    (cloud.folder / "minute").write_text("0.2")  # hours pass
    for each in (lost, long, early):
        waited(lambda run=each.id: not cloud.instances(run), lambda at=each: f"still there: {at}")
    words = ("attach", lost.id, "--into", str(lost.folder))
    other = Terminal(cloud, tmp_path / "later", *words)
    assert other.ended() == 1, other
    assert "no terminal gave a sign of life" in other.err.read_text()
    assert (lost.folder / "made" / "kept.txt").read_text() == "as far as it got"
    assert Terminal(cloud, tmp_path / "all", "stop", "--all").ended() == 0
    for each in (early, lost, long):
        nothing_left(cloud, each.id)


def test_what_cannot_be_is_said_and_leaves_nothing(cloud, tmp_path):
    refused = Terminal.runs(cloud, tmp_path / "refused", "--image", "ami-00000000")
    nowhere = Terminal(cloud, tmp_path / "nowhere", "list", "--name", "elsewhere")
    wrong = Terminal(cloud, tmp_path / "wrong", "attach", "r-xyz")
    assert [each.ended() for each in (refused, nowhere, wrong)] == [1, 1, 2]
    assert "ami-00000000" in refused.err.read_text()
    assert "deploy up" in nowhere.err.read_text()
    nothing_left(cloud, refused.id)
