"""One training step for any Keras backend, and a faster one where a backend has more to give."""

import keras

from training.architectures.known import Pictures, build
from training.keras_step import KerasStep
from training.recipe import Recipe
from training.step import Step


def for_backend(recipe: Recipe, classes: int, pictures: Pictures | None = None) -> Step:
    """The fastest step for the backend that KERAS_BACKEND names.

    Args:
        pictures: see `training.architectures.known.build`.
    """
    ours = recipe.architecture == "tiny-inception" and recipe.precision == "bfloat16"
    if keras.backend.backend() == "torch" and ours:
        from training.torch_step import TorchStep

        return TorchStep(recipe, classes)
    return KerasStep(build(recipe, classes, pictures), recipe)
