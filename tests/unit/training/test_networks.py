"""The recipes' networks have the layers that the literature gives them."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from training.architectures.known import KNOWN, build, known  # noqa: E402
from training.errors import WrongRecipe  # noqa: E402
from training.recipe import Phase, Recipe  # noqa: E402
from training.recipes import RECIPES, named  # noqa: E402
from training.schedule import InverseTime  # noqa: E402

CONV, POOL, NORM, DROP, FLAT, DENSE = "conv", "pool", "norm", "drop", "flat", "dense"
KINDS = {
    "Conv2D": CONV,
    "MaxPooling2D": POOL,
    "BatchNormalization": NORM,
    "Dropout": DROP,
    "Flatten": FLAT,
    "Dense": DENSE,
}


def layers_of(model):
    """What each layer is and gives: ("conv", 32), ("pool", 32) of a grid of 32, ("dense", 512)."""
    found = []
    for layer in model.layers:
        kind = KINDS.get(type(layer).__name__)
        if kind in (CONV, DENSE):
            found.append((kind, layer.output.shape[-1]))
        elif kind == POOL:
            found.append((kind, layer.output.shape[1]))
        elif kind:
            found.append(kind)
    return found


def block(*filters, grid):
    return [(CONV, count) for count in filters] + [(POOL, grid)]


EXPECTED = {
    "tiny-imagenet-cnn1": [
        *block(32, grid=32),
        *block(64, grid=16),
        *block(128, grid=8),
        *block(128, grid=4),
        *(FLAT, DROP, (DENSE, 512), (DENSE, 200)),
    ],
    "tiny-imagenet-cnn2": [
        *(*block(32, 32, grid=32), NORM, DROP),
        *(*block(32, 64, grid=16), NORM, DROP),
        *block(128, grid=8),
        *(*block(128, grid=4), NORM),
        *(FLAT, DROP, (DENSE, 512), (DENSE, 1024), (DENSE, 200)),
    ],
    "glasses": [*block(16, 16, 32, grid=40), FLAT, (DENSE, 128), (DENSE, 128), DROP, (DENSE, 2)],
    "glasses-i": [
        *block(16, 16, 32, grid=40),
        *block(16, 16, 32, grid=20),
        *(FLAT, (DENSE, 128), (DENSE, 128), DROP, (DENSE, 2)),
    ],
    "glasses-ii": [*block(32, 32, 64, grid=40), FLAT, (DENSE, 128), (DENSE, 128), DROP, (DENSE, 2)],
    "alexnet": [
        *block(96, grid=27),
        *block(256, grid=13),
        *block(384, 384, 256, grid=6),
        *(FLAT, (DENSE, 4096), DROP, (DENSE, 4096), DROP, (DENSE, 1000)),
    ],
    "alexnet-64": [
        *block(96, grid=15),
        *block(256, grid=7),
        *block(384, 384, 256, grid=3),
        *(FLAT, (DENSE, 4096), DROP, (DENSE, 4096), DROP, (DENSE, 200)),
    ],
    "cifar10": [FLAT, (DENSE, 128), DROP, (DENSE, 10)],
    "fashion-mnist": [FLAT, (DENSE, 128), DROP, (DENSE, 10)],
}
SIDES = {"glasses": 80, "alexnet": 227, "cifar10": 32, "fashion-mnist": 28}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_layers_are_those_of_the_literature(name):
    recipe = named(name)
    classes = EXPECTED[name][-1][1]
    model = build(recipe, classes)
    assert layers_of(model) == EXPECTED[name]
    side = SIDES.get(recipe.architecture, SIDES.get(name, 80 if "glasses" in name else 64))
    assert model.input_shape == (None, side, side, 3)
    hidden = [each for each in model.layers if type(each).__name__ in ("Conv2D", "Dense")][:-1]
    assert {each.activation.__name__ for each in hidden} == {"relu"}
    assert model.layers[-1].activation.__name__ == "linear"  # logits


@pytest.mark.parametrize("name", ["tiny-imagenet-cnn1", "tiny-imagenet-cnn2", "glasses"])
def test_kernels_are_3x3(name):
    kernels = [
        layer.kernel_size for layer in build(named(name), 4).layers if "kernel_size" in dir(layer)
    ]
    assert set(kernels) == {(3, 3)}


def test_known_sizes():
    assert build(named("fashion-mnist"), 10).count_params() == 784 * 128 + 128 + 128 * 10 + 10
    alexnet = build(named("alexnet"), 1000)
    assert alexnet.layers[2].kernel_size == (11, 11)
    assert alexnet.layers[2].output.shape[1:] == (55, 55, 96)


@pytest.mark.parametrize("name", ["tiny-imagenet-cnn1", "tiny-imagenet-cnn2"])
def test_tiny_imagenet_recipes_train_as_the_literature_says(name):
    recipe = named(name)
    assert recipe.schedule == InverseTime(1e-4, 1e-6)
    assert recipe.schedule.at(1_000_000, 1) == pytest.approx(0.5e-4)
    assert (recipe.optimizer.kind, recipe.patience) == ("adam", 30)


def test_every_pixel_is_standardized_over_the_training_pictures():
    pictures = np.random.default_rng(0).integers(0, 256, (50, 80, 80, 3), np.uint8)
    model = build(named("glasses"), 2, lambda: pictures)
    inner = keras.Model(model.input, model.get_layer("standardized").output)
    found = np.asarray(inner.predict_on_batch(pictures.astype(np.float32)))
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=0), 1, atol=1e-3)


def test_the_grid_has_twelve_runs():
    grid = named("glasses").grid
    assert grid.rates == (1e-4, 1e-3, 1e-2, 1e-1)
    assert grid.batches == (16, 32, 64)
    assert named("glasses").epochs == 50
    groups = named("glasses").groups
    assert sum(len(group.members) * group.train for group in groups) == 400
    assert sum(len(group.members) * group.validation for group in groups) == 100


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_recipe_names_a_network_that_there_is(recipe):
    assert recipe.architecture in KNOWN


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (
            Recipe("x", (Phase(64, 1),), architecture="y"),
            "no network named 'y'; there are: tiny-in",
        ),
        (Recipe("x", (Phase(64, 1),), "cnn1", options={"blocks": 3}), "options {'blocks': 3}"),
        (Recipe("x", (Phase(64, 1),), "resnet50"), "resnet50 takes 224 pixels, not 64"),
        (Recipe("x", (Phase(8, 1),), "cnn1"), "cnn1 cannot be built for 8 pixels"),
    ],
)
def test_what_cannot_be_built_is_said_in_a_line(recipe, said):
    with pytest.raises(WrongRecipe) as raised:
        build(recipe, 3)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_unknown_network_lists_the_known_ones():
    with pytest.raises(WrongRecipe, match="cnn2, glasses, alexnet"):
        known("cnn3")
