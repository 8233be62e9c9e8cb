"""Several devices together do what one does; TensorFlow cuts this machine's CPU in three for it."""

import subprocess
import sys

import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")
if keras.backend.backend() != "tensorflow":
    pytest.skip("needs KERAS_BACKEND=tensorflow", allow_module_level=True)

CODE = """
import numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 3)
import keras
from training.architectures.known import build
from training.keras_step import KerasStep
from training.lab.towers import TowersStep
from training.recipe import Phase, Recipe
recipe = Recipe("x", (Phase(16, 1),), "cnn1", {"dropout": 0.0}, smoothing=0.1)
random = np.random.default_rng(0)
pictures = random.integers(0, 256, (20, 16, 16, 3), np.uint8)
labels = np.arange(20) % 6
def curve(make):
    keras.utils.set_random_seed(0)
    step = make(build(recipe, 6))
    found = [step.train(pictures[:size], labels[:size], 0.01) for size in (20, 20, 2, 20)]
    return np.array(found), np.concatenate([np.ravel(each) for each in step.model.get_weights()])
names = [each.name for each in tf.config.list_logical_devices("CPU")]
assert len(names) == 3
one, other = curve(lambda m: KerasStep(m, recipe)), curve(lambda m: TowersStep(m, recipe, names))
np.testing.assert_allclose(other[0], one[0], rtol=1e-3)
np.testing.assert_allclose(other[1], one[1], atol=1e-4)
print("same")
"""


def test_three_devices_learn_what_one_does():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.stdout.endswith("same\n"), done.stderr[-2000:]


def test_more_devices_than_there_are_is_said():
    from training.errors import WrongRecipe
    from training.lab.devices import step_over
    from training.recipes import named

    with pytest.raises(WrongRecipe, match="--devices 99 asks for more GPUs than tensorflow sees"):
        step_over(99, named("cifar10"), 10)
