"""What can be searched, and how a value becomes part of a recipe. Needs no Keras."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeAlias

from training.augmentation import Augmentation, parsed
from training.recipe import Recipe
from training.tuning.space import SpaceUnfit

Setter: TypeAlias = Callable[[Recipe, Any], Recipe]


def applied(recipe: Recipe, drawn: Mapping[str, Any]) -> Recipe:
    """The recipe with what was drawn; `augment` first, so that single augmentations change it.

    Raises:
        SpaceUnfit: there is no such option.
        WrongRecipe: `augment` is no augmentation.
    """
    for name in sorted(drawn, key=lambda name: (name != "augment", name)):
        if name not in SETTERS:
            raise SpaceUnfit(f"no option {name}")
        recipe = SETTERS[name](recipe, drawn[name])
    return recipe


def _augmented(name: str) -> Setter:
    return lambda recipe, value: replace(
        recipe, augmentation=replace(recipe.augmentation, **{name: value})
    )


def _optional(name: str) -> Setter:
    return lambda recipe, value: replace(recipe, options={**recipe.options, name: value})


SETTERS: dict[str, Setter] = {
    "rate": lambda recipe, value: recipe.at_rate(float(value)),
    "batch": lambda recipe, value: replace(recipe, batch=int(value)),
    "side": lambda recipe, value: recipe.at_side(int(value)),
    "smoothing": lambda recipe, value: replace(recipe, smoothing=float(value)),
    "augment": lambda recipe, value: replace(recipe, augmentation=parsed(str(value))),
    **{field.name: _augmented(field.name) for field in fields(Augmentation)},
    **{name: _optional(name) for name in ("dropout", "filters", "blocks")},
}
"""By the names of a space. The last ones are options of networks, of those that have them."""
