"""`classifycloud tune` as a user runs it: killed in part and as a whole, it goes on and repeats nothing."""

import csv
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from PIL import Image

pytest.importorskip("keras")
pytest.importorskip("optuna")

from tests import studies
from tests.patterns import drawings
from tests.service import COMMAND, wait_until
from training.tuning import journal, ledger

TRIALS = 12
SPACE = """
rate: {from: 1e-4, to: 1e-1, scale: log}
batch: [4, 8, 16]
flip: [true, false]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tune")
    drawings(folder / "pictures", 8, 1, ("stripes", "rings"))
    (folder / "space.yaml").write_text(SPACE)
    return folder


def started(place: Path) -> "subprocess.Popen[str]":
    options = {
        "data": "pictures",
        "model": "dense",
        "out": "study",
        "trials": TRIALS,
        "at-once": 2,
        "epochs": 3,
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return subprocess.Popen(
        [str(COMMAND), "tune", "space.yaml", *flags],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"},
    )


def trials(place: Path):
    return studies.trials(place / "study")


def hands(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(process.pid).children()
        if "training.tuning.hand" in child.cmdline()
    ]


def done(place: Path) -> list[int]:
    if not (place / "study" / journal.JOURNAL).exists():
        return []
    return [trial.number for trial in ledger.settled(trials(place))]


def running(place: Path):
    """Those that have reported an epoch."""
    return [t for t in trials(place) if t.state.name == "RUNNING" and t.intermediate_values]


@pytest.fixture(scope="module")
def study(place):
    """After a process of the crew was killed, and then the command itself; the same command ended it."""
    first = started(place)
    try:
        wait_until(lambda: len(done(place)) >= 2 and running(place), 120, "the first trials")
        os.kill(hands(first)[0].pid, signal.SIGKILL)
        wait_until(lambda: lost(place), 30, "the lost trial to be put down")
        wait_until(lambda: held_within_a_trial(first, place), 120, "more trials")
        orphans = hands(first)
        first.kill()
        first.wait(30)
    finally:
        first.kill()
        said = first.communicate()[0]
    psutil.wait_procs(orphans, 20)
    assert not any(each.is_running() for each in orphans), said
    before = {number: kept(place, number) for number in done(place)}
    ended = started(place)
    said = ended.communicate(timeout=240)[0]
    assert ended.returncode == 0, said
    return place / "study", before, said


def held_within_a_trial(process: "subprocess.Popen[str]", place: Path) -> bool:
    """Stops the command, which alone says how trials end, and lets it go on unless one is half done."""
    process.send_signal(signal.SIGSTOP)
    if len(done(place)) >= 5 and running(place):
        return True
    process.send_signal(signal.SIGCONT)
    return False


def lost(place: Path) -> list[int]:
    return [t.user_attrs[ledger.AGAIN_OF] for t in trials(place) if ledger.AGAIN_OF in t.user_attrs]


def kept(place: Path, number: int) -> float:
    """When a trial's run was last written to."""
    run = place / "study" / trials(place)[number].user_attrs[ledger.RUN]
    return (run / "checkpoint.npz").stat().st_mtime


def test_all_trials_are_done_and_what_was_killed_went_on(study, place):
    found = trials(place)
    assert len(ledger.settled(found)) == TRIALS
    again = [trial for trial in found if ledger.AGAIN_OF in trial.user_attrs]
    assert any("SIGKILL" in trial.user_attrs[ledger.BECAUSE] for trial in again)
    assert any("search was ended" in trial.user_attrs[ledger.BECAUSE] for trial in again)
    for trial in again:
        origin = found[trial.user_attrs[ledger.AGAIN_OF]]
        assert trial.params == origin.params
        assert trial.user_attrs[ledger.RUN] == origin.user_attrs[ledger.RUN]


def test_none_is_repeated(study, place):
    _, before, _ = study
    assert len(before) >= 5
    assert before == {number: kept(place, number) for number in before}
    trained = [
        tuple(sorted(trial.params.items()))
        for trial in ledger.settled(trials(place))
        if ledger.SAME_AS not in trial.user_attrs
    ]
    assert len(trained) == len(set(trained))


def test_the_picture_and_the_table_are_there_and_the_best_run_is_named(study):
    folder, _, said = study
    with Image.open(folder / "parallel-coordinates.png") as picture:
        assert picture.size[0] > 300
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 20
    assert b"<svg" in (folder / "parallel-coordinates.svg").read_bytes()
    rows = list(csv.DictReader((folder / "trials.csv").open()))
    done = [row for row in rows if row["state"] == "done"]
    best = max(done, key=lambda row: (float(row["top1"]), -int(row["trial"])))
    assert f"study/{best['run']}" in said
    assert (folder / best["run"] / "report.html").exists()


def test_once_more_there_is_nothing_to_do(study, place):
    before = (place / "study" / journal.JOURNAL).read_bytes()
    again = started(place)
    said = again.communicate(timeout=60)[0]
    assert again.returncode == 0, said
    assert (place / "study" / journal.JOURNAL).read_bytes() == before
