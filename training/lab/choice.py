"""From what the command line says to a recipe."""

from dataclasses import dataclass, replace
from typing import Literal

from training.augmentation import parsed
from training.errors import WrongRecipe
from training.recipe import Recipe
from training.recipes import named, plain


@dataclass(frozen=True)
class Choice:
    """A recipe's name, or a network's, or both; and what is to be otherwise than the recipe has it.

    Args:
        patience: epochs without a lower validation loss that end the run; 0 for none.
        augment: in the form of `training.augmentation.parsed`.
    """

    recipe: str | None = None
    model: str | None = None
    side: int | None = None
    epochs: int | None = None
    batch: int | None = None
    rate: float | None = None
    augment: str | None = None
    patience: int | None = None
    precision: Literal["float32", "bfloat16"] | None = None

    def made(self) -> Recipe:
        """Raises WrongRecipe."""
        recipe = self._begun()
        if self.side:
            recipe = recipe.at_side(self.side)
        if self.epochs:
            recipe = recipe.lasting(self.epochs)
        if self.batch:
            recipe = replace(recipe, batch=self.batch)
        if self.rate:
            recipe = recipe.at_rate(self.rate)
        if self.augment is not None:
            recipe = replace(recipe, augmentation=parsed(self.augment))
        if self.patience is not None:
            recipe = replace(recipe, patience=self.patience or None)
        if self.precision:
            recipe = replace(recipe, precision=self.precision)
        return recipe

    def _begun(self) -> Recipe:
        from training.architectures.known import known

        if self.recipe is None and self.model is None:
            raise WrongRecipe("say what to train: --model NETWORK, or --recipe NAME")
        if self.recipe is None:
            assert self.model is not None
            return plain(self.model, known(self.model).side)
        recipe = named(self.recipe)
        if self.model is None or self.model == recipe.architecture:
            return recipe
        known(self.model)
        return replace(recipe, architecture=self.model, options={})
