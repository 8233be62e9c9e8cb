"""The recipes that have a name, each an experiment that one command repeats."""

from training.augmentation import USUAL
from training.errors import WrongRecipe
from training.optimizers import Adam
from training.recipe import Phase, Recipe
from training.recipes.alexnet import ALEXNET, ALEXNET_64
from training.recipes.bundled import BUNDLED, SMOKE
from training.recipes.glasses import GLASSES, GLASSES_I, GLASSES_II
from training.recipes.small import CIFAR10, FASHION_MNIST
from training.recipes.tiny_imagenet import CNN1, CNN2
from training.schedule import OneCycle

RECIPES = {
    recipe.name: recipe
    for recipe in (
        BUNDLED,
        SMOKE,
        CNN1,
        CNN2,
        GLASSES,
        GLASSES_I,
        GLASSES_II,
        ALEXNET,
        ALEXNET_64,
        CIFAR10,
        FASHION_MNIST,
    )
}
PATIENCE = 10


def named(name: str) -> Recipe:
    """A recipe by its name; raises WrongRecipe, which lists them."""
    if name not in RECIPES:
        raise WrongRecipe(f"no recipe named {name!r}; there are: {', '.join(RECIPES)}")
    return RECIPES[name]


def plain(architecture: str, side: int) -> Recipe:
    """What any network is trained by where no recipe is named."""
    return Recipe(
        "plain",
        (Phase(side, 30),),
        architecture=architecture,
        batch=32,
        optimizer=Adam(),
        schedule=OneCycle(1e-3),
        augmentation=USUAL,
        patience=PATIENCE,
    )
