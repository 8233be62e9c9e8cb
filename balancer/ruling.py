"""What the operator allows beyond the settings, in words that are kept."""

from dataclasses import replace
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError

from balancer.plan import Limits
from wire.messages import Message

BOUND = "operator"


class Ruling(Message):
    """None leaves a limit to the settings. `paused`: observe, plan and record, but do nothing."""

    min_workers: int | None = Field(None, ge=0)
    max_workers: int | None = Field(None, gt=0)
    paused: bool = False

    def over(self, limits: Limits) -> Limits:
        """The limits with the operator's own on top; a least number above the greatest gives way."""
        least, most = self.bounds(limits)
        bound = limits.max_bound if self.max_workers is None else BOUND
        return replace(limits, min_workers=min(least, most), max_workers=most, max_bound=bound)

    def bounds(self, limits: Limits) -> tuple[int, int]:
        """The least and the greatest number as they were asked for; the settings may have changed since."""
        least = limits.min_workers if self.min_workers is None else self.min_workers
        most = limits.max_workers if self.max_workers is None else self.max_workers
        return least, most

    @classmethod
    def read(cls, data: bytes | None) -> Self:
        """What was kept; nothing kept is no ruling.

        Raises:
            ValueError: the object cannot be read.
        """
        try:
            return cls() if data is None else cls.model_validate_json(data)
        except ValidationError as error:
            raise ValueError(
                f"the operator's limits cannot be used: {error.errors()[0]['msg']}"
            ) from error


def copied(file: Path) -> Ruling:
    """The ruling as the last balancer knew it that kept this file; none where it cannot be read."""
    try:
        return Ruling.read(file.read_bytes())
    except (OSError, ValueError):
        return Ruling()
