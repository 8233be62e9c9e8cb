"""Which optimizer a run has, as data; Keras is imported where one is made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import keras


class Optimizer(Protocol):
    """Makes Keras' optimizer; the rate is set before each step."""

    def made(self) -> "keras.Optimizer":
        """A new one, not built."""


@dataclass(frozen=True)
class Sgd:
    """Nesterov momentum, with decoupled decay: each step a weight loses rate * decay of itself.

    Normalization parameters and biases lose nothing.
    """

    momentum: float = 0.9
    decay: float = 0.0
    kind: Literal["sgd"] = "sgd"

    def made(self) -> "keras.Optimizer":
        """See Optimizer."""
        import keras

        optimizer = keras.optimizers.SGD(
            momentum=self.momentum, nesterov=True, weight_decay=self.decay or None
        )
        if self.decay:
            optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        return optimizer


@dataclass(frozen=True)
class Adam:
    """Kingma and Ba 2014, with their constants."""

    kind: Literal["adam"] = "adam"

    def made(self) -> "keras.Optimizer":
        """See Optimizer."""
        import keras

        return keras.optimizers.Adam()
