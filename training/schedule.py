"""Learning rates over a run's steps; pure."""

import math
from dataclasses import dataclass
from typing import Literal, Protocol


class Schedule(Protocol):
    """A learning rate for each step of a run."""

    @property
    def rate(self) -> float:
        """The highest."""

    def at(self, step: int, total: int) -> float:
        """At `step`, from 0, of `total`."""


@dataclass(frozen=True)
class Constant:
    """The same rate throughout."""

    rate: float
    kind: Literal["constant"] = "constant"

    def at(self, step: int, total: int) -> float:  # noqa: ARG002
        """See Schedule."""
        return self.rate


@dataclass(frozen=True)
class InverseTime:
    """rate / (1 + decay * step): what optimizers of older Keras versions called `decay`."""

    rate: float
    decay: float
    kind: Literal["inverse time"] = "inverse time"

    def at(self, step: int, total: int) -> float:  # noqa: ARG002
        """See Schedule."""
        return self.rate / (1 + self.decay * step)


@dataclass(frozen=True)
class OneCycle:
    """See `one_cycle`."""

    rate: float
    kind: Literal["one cycle"] = "one cycle"

    def at(self, step: int, total: int) -> float:
        """See Schedule."""
        return one_cycle(step / total, self.rate)


def one_cycle(progress: float, peak: float, warm: float = 0.2, start: float = 0.04) -> float:
    """The rate at `progress` (0..1 of all steps) (Smith & Topin, "Super-Convergence", 2017).

    Rises linearly from `start` * peak to `peak` over the first `warm` of the run, then falls
    along half a cosine to a thousandth of the peak.
    """
    if progress < warm:
        return peak * (start + (1 - start) * progress / warm)
    fall = (progress - warm) / (1 - warm)
    return peak * (0.001 + 0.999 * (1 + math.cos(math.pi * fall)) / 2)
