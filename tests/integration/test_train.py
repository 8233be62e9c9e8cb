"""Training by the command: killed in the middle of an epoch, it ends as one that nobody touched."""

import csv
import json
import resource
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("keras")

from tests.service import COMMAND, wait_until

EPOCHS, BATCH, PICTURES = 5, 4, 32
TIMES = ("pictures_per_second", "seconds", "waiting_seconds", "computing_seconds")


def drawings(folder: Path) -> Path:
    """Two classes: stripes that lie, and stripes that stand."""
    random = np.random.default_rng(0)
    for kind, axis in (("lying", 0), ("standing", 1)):
        (folder / kind).mkdir(parents=True)
        for at in range(PICTURES):
            wave = 100 * np.sin(np.arange(40)[:, None, None] / random.uniform(1, 3)) + 120
            picture = np.broadcast_to(wave if axis == 0 else wave.transpose(1, 0, 2), (40, 40, 3))
            noisy = picture + random.normal(0, 20, picture.shape)
            Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(
                folder / kind / f"{at}.png"
            )
    return folder


def command(data: Path, out: Path, *more: object) -> list[str]:
    asked = ["train", "--data", data, "--model", "cnn1", "--side", 32, "--out", out]
    asked += ["--epochs", EPOCHS, "--batch", BATCH, "--seed", 3, "--save-every", 0]
    asked += ["--cache", out.parent / "cache", *more]
    return [str(COMMAND), *map(str, asked)]


def started(asked: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def progress(out: Path) -> tuple[int, int]:
    """Epochs that are done, and batches of the next one."""
    try:
        with np.load(out / "checkpoint.npz") as state:
            return len(json.loads(str(state["rows"]))), json.loads(str(state["tally"]))["batches"]
    except FileNotFoundError:
        return 0, 0


def amid(out: Path, after: int):
    """Whether an epoch after so many is half done."""
    return lambda: (found := progress(out))[0] >= after and 3 <= found[1] <= 10


def curve(out: Path) -> list[dict[str, str]]:
    rows = list(csv.DictReader((out / "log.csv").read_text().splitlines()))
    return [{name: row[name] for name in row if name not in TIMES} for row in rows]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return drawings(tmp_path_factory.mktemp("data") / "stripes")


@pytest.fixture(scope="module")
def runs(data, tmp_path_factory):
    """One that nobody touches, and one that is killed, then told to stop, and goes on to its end."""
    calm, rough = (tmp_path_factory.mktemp(name) / "run" for name in ("calm", "rough"))
    undisturbed = started(command(data, calm))
    killed = started(command(data, rough))
    wait_until(amid(rough, 1), 120, "an epoch half done")
    killed.kill()
    killed.wait()
    stopped = started(command(data, rough))
    wait_until(amid(rough, 2), 120, "a later epoch half done")
    stopped.send_signal(signal.SIGINT)
    said = stopped.communicate(timeout=60)
    assert stopped.returncode == 130, said
    assert "the same command goes on" in said[1]
    done = started(command(data, rough, "--json"))
    ended = done.communicate(timeout=200)
    assert done.returncode == 0, ended
    quiet = undisturbed.communicate(timeout=200)
    assert undisturbed.returncode == 0, quiet
    return calm, rough, json.loads(ended[0])


def test_the_curve_is_that_of_a_run_that_nobody_touched(runs):
    calm, rough, _ = runs
    assert curve(rough) == curve(calm)
    assert len(curve(calm)) == EPOCHS


def test_it_took_as_many_steps_and_has_the_same_weights(runs):
    calm, rough, said = runs
    learned = 2 * (PICTURES - round(0.2 * PICTURES))
    assert said["steps"] == EPOCHS * -(-learned // BATCH) == int(curve(calm)[-1]["steps"])
    with np.load(calm / "checkpoint.npz") as one, np.load(rough / "checkpoint.npz") as other:
        assert set(one.files) == set(other.files)
        for name in set(one.files) - {"rows"}:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_the_run_holds_what_its_readers_need(runs):
    from training.lab.run_folder import RunFolder

    run = RunFolder(runs[1])
    assert [each["name"] for each in run.classes] == ["lying", "standing"]
    held = run.predictions()
    assert held.scores.shape == (len(held.labels), 2)
    np.testing.assert_allclose(held.scores.sum(axis=1), 1, atol=1e-5)
    right = float((held.scores.argmax(axis=1) == held.labels).mean())
    assert right == run.best_row.validation_top1
    assert held.epoch == run.best_row.epoch == run.summary["best_epoch"]
    assert held.pictures[0].startswith("lying/")
    assert not list(run.folder.rglob("*.partial"))


def test_tensorboards_files_have_every_epoch(runs):
    tf = pytest.importorskip("tensorflow")
    (file,) = (runs[1] / "events").iterdir()
    found = {}
    for record in tf.data.TFRecordDataset(str(file)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            found.setdefault(value.tag, {})[event.step] = value.simple_value
    assert set(found["training/loss"]) == set(range(1, EPOCHS + 1))
    last = float(curve(runs[1])[-1]["validation_loss"])
    assert found["validation/loss"][EPOCHS] == pytest.approx(last)


def test_a_full_disk_is_said_and_nothing_half_written_stays(data, tmp_path):
    """No file may be longer than a megabyte: the network's has two, the checkpoint six."""
    done = subprocess.run(
        command(data, tmp_path / "run", "--save-every", 30),
        capture_output=True,
        text=True,
        timeout=100,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
    )
    assert done.returncode == 1, done.stderr
    assert "checkpoint.npz cannot be written: " in done.stderr
    assert "the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    left = {path.name for path in (tmp_path / "run").iterdir()}
    assert left == {"run.json", "classes.json", "order.json", "events"}
