"""What a run takes place on: an instance of its own, or a cluster."""

from collections.abc import Callable
from typing import Protocol


class Ground(Protocol):
    """Made for one run, and gone with it."""

    def begin(self, beat: Callable[[], None]) -> None:
        """Make it, and tell it what to run; `beat` is called while that takes its time.

        Raises:
            DeployError: it cannot be had, or does not take the command.
        """

    def trouble(self) -> str | None:
        """Why the command could not be run there; None while it runs, or where that is not known."""

    def lives(self) -> bool:
        """Whether it is still there."""

    def clear(self) -> list[str]:
        """End it; what was ended. Asked again it does no harm.

        Raises:
            DeployError: AWS refuses.
        """
