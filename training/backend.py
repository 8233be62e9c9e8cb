"""One training step for any Keras backend, and a faster one where a backend has more to give."""

import keras

from training.keras_step import KerasStep
from training.recipes import Recipe
from training.step import Step


def for_backend(recipe: Recipe, classes: int) -> Step:
    """The fastest step for the backend that KERAS_BACKEND names."""
    if keras.backend.backend() == "torch":
        from training.torch_step import TorchStep

        return TorchStep(recipe, classes)
    return KerasStep(recipe, classes)
