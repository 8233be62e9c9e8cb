"""Several GPUs of one machine: each computes a part of every batch, and one update follows from all parts.

On JAX Keras does so itself (`keras.distribution.DataParallel`); on TensorFlow see `training.lab.towers`; on
PyTorch it is not offered.
"""

import keras

from training.architectures.known import Pictures, build
from training.backend import for_backend
from training.errors import WrongRecipe
from training.recipe import Recipe
from training.step import Step


def step_over(devices: int, recipe: Recipe, classes: int, pictures: Pictures | None = None) -> Step:
    """A new network's step over so many GPUs; over whatever there is when it is one.

    Raises:
        WrongRecipe: there are fewer, or the backend cannot.
    """
    if devices == 1:
        return for_backend(recipe, classes, pictures)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from training.lab.towers import TowersStep, gpus

        names = _enough(gpus(), devices, backend)
        return TowersStep(build(recipe, classes, pictures), recipe, names)
    if backend == "jax":
        from training.lab.sharded import ShardedStep, spread

        spread(_enough(keras.distribution.list_devices("gpu"), devices, backend))
        return ShardedStep(build(recipe, classes, pictures), recipe, devices)
    raise WrongRecipe(f"--devices {devices} is for jax and tensorflow, not for {backend}")


def _enough(names: list[str], wanted: int, backend: str) -> list[str]:
    if len(names) < wanted:
        raise WrongRecipe(
            f"--devices {wanted} asks for more GPUs than {backend} sees here, which are {len(names)}"
        )
    return names[:wanted]
