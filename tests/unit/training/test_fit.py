"""A run that was interrupted ends where an undisturbed one does."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

keras = pytest.importorskip("keras")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from training import fit as loop  # noqa: E402
from training import run as runs  # noqa: E402
from training.architectures import tiny_inception  # noqa: E402
from training.augmentation import Augmentation  # noqa: E402
from training.errors import RunMismatch  # noqa: E402
from training.keras_step import KerasStep  # noqa: E402
from training.lab import loop as lessons  # noqa: E402
from training.lab.data import Wanted  # noqa: E402
from training.lab.run_folder import BEST, CHECKPOINT, PREDICTIONS, WORST  # noqa: E402
from training.recipe import Phase, Recipe  # noqa: E402
from training.schedule import OneCycle  # noqa: E402

RECIPE = Recipe(
    "test",
    (Phase(32, 1), Phase(32, 1)),
    batch=8,
    schedule=OneCycle(0.05),
    augmentation=Augmentation(shift=0.06, flip=True),
)
COLORS = ((200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30), (30, 200, 200), (90, 90, 90))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Six classes, each a color under noise: learnable, small, in the data set's format."""
    folder = tmp_path_factory.mktemp("data")
    names = "\n".join(f"n{at}\tcolor {at}" for at in range(len(COLORS)))
    (folder / "classes.txt").write_text(names)
    random = np.random.default_rng(0)
    for split, count in (("train", 48), ("validation", 12)):
        labels = [at % len(COLORS) for at in range(count)]
        images = [_jpeg(np.array(COLORS[label]), random) for label in labels]
        table = pyarrow.table({"image": images, "label": labels})
        parquet.write_table(table, folder / f"{split}-00000-of-00001.parquet")
    return folder


@pytest.fixture(autouse=True)
def small_network(monkeypatch):
    """The same code over one module a stage, so that a test takes seconds."""
    module = tiny_inception.Module(8, 8, 8, 8, 8)
    monkeypatch.setattr(tiny_inception, "STAGES", ((module,), (module,), (module,)))


def _jpeg(color, random):
    noisy = np.clip(color + random.integers(-25, 26, (64, 64, 3)), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG")
    return buffer.getvalue()


def fit(data, out, recipe=RECIPE, seed=5):
    order = loop.Order(Wanted(str(data), data / "cache"), recipe, out, seed)
    return loop.fit(order)


def interrupt_at(monkeypatch, call):
    """Lets the run end without any warning at its `call`-th step, as a kill does."""
    train, calls = KerasStep.train, []

    def once(self, *arguments):
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return train(self, *arguments)

    monkeypatch.setattr(KerasStep, "train", once)


@pytest.fixture(scope="module")
def undisturbed(data, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        module = tiny_inception.Module(8, 8, 8, 8, 8)
        patch.setattr(tiny_inception, "STAGES", ((module,), (module,), (module,)))
        return fit(data, tmp_path_factory.mktemp("undisturbed"))


def test_a_run_learns_and_logs_each_epoch(undisturbed):
    first, second = undisturbed.rows
    assert (first.epoch, second.epoch, first.planned) == (1, 2, 2)
    assert (first.steps, second.steps) == (6, 12)
    assert second.loss < first.loss
    lines = (undisturbed.folder / "log.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,planned,side,steps,loss,top1,top5,validation_loss")
    assert len(lines) == 3


@pytest.mark.parametrize("call", [3, 9])
def test_an_interrupted_run_goes_on_to_the_same_end(data, tmp_path, monkeypatch, undisturbed, call):
    with monkeypatch.context() as patch:
        interrupt_at(patch, call)
        with pytest.raises(KeyboardInterrupt):
            fit(data, tmp_path)
    finished = fit(data, tmp_path)
    assert [row.epoch for row in finished.rows] == [1, 2]
    expected = runs.weights(undisturbed.folder / CHECKPOINT)
    for ours, theirs in zip(runs.weights(finished.folder / CHECKPOINT), expected, strict=True):
        # TensorFlow's threads add in no fixed order: 2e-4 has been seen where the machine was busy.
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=5e-4)


def test_a_finished_run_does_nothing_more(data, undisturbed, monkeypatch):
    monkeypatch.setattr(KerasStep, "train", lambda *_: pytest.fail("trained again"))
    assert len(fit(data, undisturbed.folder).rows) == 2


def test_another_seed_needs_another_folder(data, undisturbed):
    with pytest.raises(RunMismatch, match=r"\(not the same: seed\): give a new --out"):
        fit(data, undisturbed.folder, seed=6)


class Killed(BaseException):
    """Nobody catches it."""


def kill_at(monkeypatch, write):
    """Ends the process' work at its so many-th file: before it has its name, or, of odd ones, after."""
    replace, calls = Path.replace, []

    def counted(self, target):
        calls.append(1)
        if len(calls) == write and write % 2 == 0:
            raise Killed
        replace(self, target)
        if len(calls) == write:
            raise Killed

    monkeypatch.setattr(Path, "replace", counted)


def test_killed_at_one_write_after_the_other_it_ends_as_if_nothing_had_been(
    data, tmp_path, monkeypatch
):
    recipe = replace(RECIPE, architecture="dense", patience=5)

    def fit(out):
        return loop.fit(loop.Order(Wanted(str(data), data / "cache"), recipe, out, every=0))

    calm, at = fit(tmp_path / "calm"), 0
    while at < 40:
        at += 1
        with monkeypatch.context() as patch:
            kill_at(patch, at)
            try:
                rough = fit(tmp_path / "rough")
                break
            except Killed:
                continue
    assert 5 < at < 40
    assert [row.steps for row in rough.rows] == [6, 12]
    kept = [np.load(each.folder / CHECKPOINT) for each in (calm, rough)]
    for name in set(kept[0].files) - {"rows"}:
        np.testing.assert_array_equal(kept[0][name], kept[1][name], err_msg=name)
    assert [row.validation_loss for row in rough.rows] == [row.validation_loss for row in calm.rows]


@pytest.mark.parametrize("file", [BEST, WORST, PREDICTIONS])
def test_what_is_kept_is_of_an_epoch_that_the_run_knows(data, tmp_path, monkeypatch, file):
    """Killed beside a file of the second epoch's, then gone on with in another length."""
    short = replace(RECIPE, architecture="dense", phases=(Phase(32, 2),))
    shorter = replace(short, phases=(Phase(32, 1),))
    losses = iter([3.0, 2.0])
    monkeypatch.setattr(lessons, "_row", falling(lessons._row, losses))
    real, seen = Path.replace, []

    def killed(self, target):
        seen.append(Path(target).name)
        if seen.count(file) == 2:
            raise Killed
        real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(Killed):
            fit(data, tmp_path, short)
    run = fit(data, tmp_path, shorter)
    assert run.predictions().epoch == run.best_row.epoch
    model = keras.saving.load_model(run.best, compile=False)
    kept = [np.asarray(each) for each in model.get_weights()]
    for ours, theirs in zip(kept, runs.weights(run.folder / CHECKPOINT), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def falling(row, losses):
    """Each epoch's row with the next of the losses."""
    return lambda *given: replace(row(*given), validation_loss=next(losses))
