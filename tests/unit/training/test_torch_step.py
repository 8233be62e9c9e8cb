"""The PyTorch step is the same network; runs where KERAS_BACKEND is torch."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")
if keras.backend.backend() != "torch":
    pytest.skip("needs KERAS_BACKEND=torch", allow_module_level=True)

from training.architectures import tiny_inception  # noqa: E402
from training.recipes import SMOKE  # noqa: E402
from training.torch_step import TorchStep  # noqa: E402

PICTURES = np.random.default_rng(0).integers(0, 256, (16, 32, 32, 3), np.uint8)
LABELS = np.arange(16) % 4


def test_its_weights_give_the_same_logits_in_the_published_layout():
    keras.utils.set_random_seed(0)
    step = TorchStep(SMOKE, 4)
    for _ in range(3):
        step.train(PICTURES, LABELS, 0.01)
    plain = tiny_inception.build(4)
    plain.set_weights([keras.ops.convert_to_numpy(weight) for weight in step.model.weights])
    expected = plain.predict_on_batch(PICTURES.astype(np.float32))
    np.testing.assert_allclose(step.logits(PICTURES), expected, atol=0.1 * np.abs(expected).max())


def test_it_learns_a_small_batch_by_heart():
    keras.utils.set_random_seed(0)
    step = TorchStep(SMOKE, 4)
    losses = [step.train(PICTURES, LABELS, 0.02).loss for _ in range(12)]
    assert losses[-1] < losses[0] / 2
