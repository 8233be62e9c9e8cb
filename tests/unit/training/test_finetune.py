"""What learns when, at which rate, and what a run goes on with."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training.dataset import Split  # noqa: E402
from training.errors import Unservable  # noqa: E402
from training.finetune import Plan, identity, teach  # noqa: E402
from training.finetune_head import HEAD, mixture  # noqa: E402
from training.finetune_step import FineStep, NoSuchLayer, usual_cut  # noqa: E402
from training.run import Run  # noqa: E402

SIDE = 16


def base():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((None, None, 3), name="picture")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="early")(x)
    x = keras.layers.MaxPooling2D(2, name="halved")(x)
    x = keras.layers.Conv2D(8, 3, padding="same", name="late")(x)
    x = keras.layers.BatchNormalization(name="normal")(x)
    x = keras.layers.Add(name="add")([x, x])
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, name="logits")(x))


def lights(count, seed):
    """Dark and bright pictures."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    noise = random.integers(0, 60, (count, SIDE, SIDE, 3))
    return Split((noise + 150 * labels[:, None, None, None]).astype(np.uint8), labels)


def changed(step, before):
    """The layers whose weights are others than before."""
    now = [keras.ops.convert_to_numpy(weight) for weight in step.model.weights]
    pairs = zip(step.model.weights, before, now, strict=True)
    return {weight.path.split("/")[0] for weight, old, new in pairs if not np.array_equal(old, new)}


@pytest.mark.parametrize(("stage", "learns"), [("head", {HEAD}), ("deep", {HEAD, "late"})])
def test_only_what_should_learn_learns(stage, learns):
    step = FineStep(base(), 2, "halved")
    before = [keras.ops.convert_to_numpy(weight).copy() for weight in step.model.weights]
    step.enter(stage)
    batch = lights(8, 0)
    for _ in range(3):
        step.train(batch.pictures, batch.labels, 1e-2)
    assert changed(step, before) == learns


def test_it_begins_with_what_the_base_knows():
    """A base that tells dark from bright by its classes 3 and 7 needs to learn nothing."""
    network, learn, held = base(), lights(40, 1), lights(20, 2)
    seeing = keras.Model(network.inputs, network.layers[-1].input)
    seen = np.asarray(seeing.predict_on_batch(learn.pictures.astype(np.float32)))
    dark, bright = (seen[learn.labels == kind].mean(axis=0) for kind in (0, 1))
    kernel, way = np.zeros((8, 10), np.float32), 20 * (bright - dark) / ((bright - dark) ** 2).sum()
    bias = np.full(10, -50, np.float32)
    kernel[:, 3], kernel[:, 7], bias[3] = -way, way, way @ (dark + bright)
    bias[7] = -bias[3]
    network.layers[-1].set_weights([kernel, bias])
    step = FineStep(network, 2, "halved")
    step.begin(learn)
    assert (step.logits(held.pictures).argmax(axis=1) == held.labels).all()


def test_what_is_served_is_what_learned():
    step, learn = FineStep(base(), 2, "halved"), lights(16, 0)
    step.begin(learn)
    step.enter("head")
    step.train(learn.pictures, learn.labels, 1e-2)
    served = step.plain()
    assert [type(layer) for layer in served.layers] == [type(layer) for layer in base().layers]
    logits = np.asarray(served.predict_on_batch(learn.pictures.astype(np.float32)))
    np.testing.assert_allclose(logits, step.logits(learn.pictures), atol=1e-5)


def test_a_base_without_biases_begins_too():
    network, learn = base(), lights(16, 0)
    logits = keras.layers.Dense(10, use_bias=False)(network.layers[-1].input)
    step = FineStep(keras.Model(network.inputs, logits), 2, "halved")
    step.begin(learn)
    assert np.isfinite(step.logits(learn.pictures)).all()


def test_a_mixture_leaves_out_what_both_look_like():
    shares = np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]], np.float32)
    expected = np.array([[1 / 3, 2 / 3, 0], [1 / 3, 0, 2 / 3]]).T
    np.testing.assert_allclose(mixture(shares, np.array([0, 1])), expected, atol=1e-6)


def test_it_is_cut_before_the_last_grid():
    assert usual_cut(base(), SIDE) == "early"


def test_an_unknown_layer_is_told_of_those_there_are():
    with pytest.raises(NoSuchLayer, match=r"'block5_pool' to freeze up to; .*early, halved, late"):
        FineStep(base(), 2, "block5_pool")


def test_a_base_without_a_head_is_refused():
    inputs = keras.Input((8, 8, 3))
    with pytest.raises(Unservable, match="no dense layer"):
        FineStep(keras.Model(inputs, keras.layers.Conv2D(4, 1)(inputs)), 2, "x")


def test_the_rate_falls_in_each_stage():
    plan = Plan("halved", head=4, deep=6)
    assert plan.rate(0) == pytest.approx(3e-3)
    assert plan.rate(3.999) < 5e-5
    assert plan.rate(4) == pytest.approx(3e-5)
    assert plan.rate(9.999) < 1e-6
    assert [plan.stage(epoch) for epoch in (0, 3, 4, 9)] == ["head", "head", "deep", "deep"]


@pytest.mark.parametrize(("epochs", "parts"), [(2, (1, 1)), (5, (3, 2)), (30, (15, 15))])
def test_a_plan_of_other_length(epochs, parts):
    plan = Plan("halved").lasting(epochs)
    assert (plan.head, plan.deep) == parts
    assert plan.rate(epochs - 0.01) < 3e-4


@pytest.mark.parametrize("stop", [2, 3, 4])
def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path, stop):
    """Before, at and after the change of stages: as many epochs, and as many steps of the last optimizer."""
    learn, held = lights(40, 1), lights(10, 2)
    plan = Plan("halved", head=3, deep=2, batch=16)
    said = identity(plan, "b", "d", 0)
    with pytest.raises(KeyboardInterrupt):
        teach(
            FineStep(base(), 2, "halved"), plan, learn, held, Interrupted(tmp_path, said, stop), 0
        )
    step, run = FineStep(base(), 2, "halved"), Run(tmp_path, said)
    teach(step, plan, learn, held, run, 0)
    assert [row.epoch for row in run.rows] == [1, 2, 3, 4, 5]
    steps = 2 * 3  # epochs of the second stage, and batches of each
    assert int(keras.ops.convert_to_numpy(step.optimizer.iterations)) == steps
    assert run.rows[-1].loss < run.rows[0].loss


class Interrupted(Run):
    """Ctrl-C after so many epochs."""

    def __init__(self, folder, identity, most):
        super().__init__(folder, identity)
        self._most = most

    def save(self, step, row):
        super().save(step, row)
        if len(self.rows) == self._most:
            raise KeyboardInterrupt
