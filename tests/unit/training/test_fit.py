"""A run that was interrupted ends where an undisturbed one does."""

import io

import numpy as np
import pytest
from PIL import Image

keras = pytest.importorskip("keras")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from training import fit as loop  # noqa: E402
from training import run as runs  # noqa: E402
from training.architectures import tiny_inception  # noqa: E402
from training.errors import RunMismatch  # noqa: E402
from training.keras_step import KerasStep  # noqa: E402
from training.recipes import Phase, Recipe  # noqa: E402

RECIPE = Recipe("test", (Phase(32, 1, 2), Phase(32, 1, 2)), batch=8, peak=0.05)
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
    return loop.fit(recipe, data, data / "cache", out, seed)


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
    assert second.loss < first.loss
    lines = (undisturbed.folder / "log.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,planned,side,loss,top1,top5,rate")
    assert len(lines) == 3


@pytest.mark.parametrize("call", [3, 9])
def test_an_interrupted_run_goes_on_to_the_same_end(data, tmp_path, monkeypatch, undisturbed, call):
    with monkeypatch.context() as patch:
        interrupt_at(patch, call)
        with pytest.raises(KeyboardInterrupt):
            fit(data, tmp_path)
    finished = fit(data, tmp_path)
    assert [row.epoch for row in finished.rows] == [1, 2]
    expected = runs.weights(undisturbed.checkpoint)
    for ours, theirs in zip(runs.weights(finished.checkpoint), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_a_finished_run_does_nothing_more(data, undisturbed, monkeypatch):
    monkeypatch.setattr(KerasStep, "train", lambda *_: pytest.fail("trained again"))
    assert len(fit(data, undisturbed.folder).rows) == 2


def test_another_seed_needs_another_folder(data, undisturbed):
    with pytest.raises(RunMismatch, match="--out"):
        fit(data, undisturbed.folder, seed=6)
