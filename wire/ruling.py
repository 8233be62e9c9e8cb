"""The operator's word, `state/limits.json`: what he allows beyond the balancer's settings."""

from typing import Self

from pydantic import Field, ValidationError

from wire.messages import Message

KEY = "state/limits.json"


class Ruling(Message):
    """None leaves a limit to the settings. `paused`: observe, plan and record, but do nothing."""

    min_workers: int | None = Field(None, ge=0)
    max_workers: int | None = Field(None, gt=0)
    paused: bool = False

    def bounds(self, least: int, most: int) -> tuple[int, int]:
        """The least and the greatest number as they were asked for, over what the settings say."""
        return (
            least if self.min_workers is None else self.min_workers,
            most if self.max_workers is None else self.max_workers,
        )

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
