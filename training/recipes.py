"""What a run does, as data: sizes, epochs, rates. A recipe's name goes into the manifest."""

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Phase:
    """`epochs` passes over pictures of `side` x `side` pixels, shifted by up to `padding`."""

    side: int
    epochs: int
    padding: int


@dataclass(frozen=True)
class Recipe:
    """One-cycle SGD with Nesterov momentum over growing pictures.

    `decay` is decoupled: each step a weight loses rate * decay of itself; normalization
    parameters and biases lose nothing.
    """

    name: str
    phases: tuple[Phase, ...]
    batch: int = 256
    peak: float = 0.5
    momentum: float = 0.9
    decay: float = 2e-3
    smoothing: float = 0.05
    pictures: int | None = None

    @property
    def epochs(self) -> int:
        """Epochs of all phases together."""
        return sum(phase.epochs for phase in self.phases)

    def phase_of(self, epoch: int) -> Phase:
        """The phase that epoch `epoch` (from 0) belongs to; raises IndexError past the end."""
        for phase in self.phases:
            if epoch < phase.epochs:
                return phase
            epoch -= phase.epochs
        raise IndexError("epoch past the recipe's end")

    def lasting(self, epochs: int) -> "Recipe":
        """The same recipe over `epochs` epochs, the phases keeping their shares."""
        ends, done = [], 0
        for phase in self.phases:
            done += phase.epochs
            ends.append(round(done * epochs / self.epochs))
        spans = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
        phases = zip(self.phases, spans, strict=True)
        return replace(
            self, phases=tuple(replace(phase, epochs=span) for phase, span in phases if span)
        )

    def as_json(self) -> dict[str, Any]:
        """The recipe as JSON types, for run.json and the manifest."""
        return asdict(self)


BUNDLED = Recipe("bundled", (Phase(48, 4, 4), Phase(64, 4, 6)))
SMOKE = Recipe("smoke", (Phase(32, 1, 2), Phase(48, 1, 4)), batch=32, peak=0.1, pictures=512)
RECIPES = {recipe.name: recipe for recipe in (BUNDLED, SMOKE)}
