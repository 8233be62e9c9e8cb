"""Networks by name, for `classifycloud train --model`: those built here and the zoo's."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from classifier.zoo import ZOO
from training.architectures import (
    alexnet,
    applications,
    cnn1,
    cnn2,
    dense,
    glasses,
    tiny_inception,
)
from training.errors import WrongRecipe
from training.recipe import Recipe

Pictures = Callable[[], np.ndarray]


@dataclass(frozen=True)
class Known:
    """How a network is built, of so many classes, side in pixels and options; and its usual side.

    Args:
        fixed: whether it takes no other side.
        standardize: for networks that have to see their training pictures, uint8 (N, side, side, 3), first.
    """

    build: Callable[..., keras.Model]
    side: int
    fixed: bool = False
    standardize: Callable[[keras.Model, np.ndarray], None] | None = None


def _any_side(classes: int, side: int) -> keras.Model:  # noqa: ARG001
    return tiny_inception.build(classes)


def _of_zoo(name: str) -> Known:
    def build(classes: int, side: int) -> keras.Model:  # noqa: ARG001
        return applications.build(ZOO[name], classes)

    return Known(build, ZOO[name].preprocessing.side, fixed=True)


KNOWN = {
    "tiny-inception": Known(_any_side, 64),
    "cnn1": Known(cnn1.build, 64),
    "cnn2": Known(cnn2.build, 64),
    "glasses": Known(glasses.build, 80, standardize=glasses.standardize),
    "alexnet": Known(alexnet.build, 227),
    "alexnet-64": Known(alexnet.build_64, 64),
    "dense": Known(dense.build, 32),
} | {name: _of_zoo(name) for name in ZOO}


def known(name: str) -> Known:
    """Raises WrongRecipe, which lists them."""
    if name not in KNOWN:
        raise WrongRecipe(f"no network named {name!r}; there are: {', '.join(KNOWN)}")
    return KNOWN[name]


def build(recipe: Recipe, classes: int, pictures: Pictures | None = None) -> keras.Model:
    """The recipe's network with random weights: bytes (N, side, side, 3) to logits (N, classes).

    Args:
        pictures: asked for the training pictures, uint8 (N, side, side, 3), where they are needed.

    Raises:
        WrongRecipe: its name, its options or its side are none that there are.
    """
    with computing(recipe.precision):
        return _built(recipe, classes, pictures)


@contextmanager
def computing(precision: str) -> Iterator[None]:
    """Layers that are made meanwhile compute in it; their weights are float32 either way."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def plain(recipe: Recipe, model: keras.Model) -> keras.Model:
    """The recipe's network in float32, with the weights of one in any precision."""
    made = _built(recipe, int(model.output_shape[-1]), None)
    made.set_weights([keras.ops.convert_to_numpy(each) for each in model.weights])
    for layer in made.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return made


def _built(recipe: Recipe, classes: int, pictures: Pictures | None) -> keras.Model:
    found, side = known(recipe.architecture), recipe.phases[-1].side
    if found.fixed and side != found.side:
        raise WrongRecipe(f"{recipe.architecture} takes {found.side} pixels, not {side}")
    options: dict[str, Any] = dict(recipe.options)
    try:
        model = found.build(classes, side, **options)
    except (TypeError, ValueError) as error:
        raise WrongRecipe(
            f"{recipe.architecture} cannot be built for {side} pixels and options {options}: "
            f"{_reason(error)}"
        ) from error
    if found.standardize and pictures:
        found.standardize(model, pictures())
    return model


def _reason(error: Exception) -> str:
    """Keras says what was called in its first lines, and colors the one that tells why."""
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith("Exception encountered")]
    return told[0] if told else type(error).__name__
