"""What may go wrong, and how often: the document that `--faults` names, checked."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from local.faults.errors import FaultsUnusableError

Anywhere = Literal["delay", "throttle", "error", "unavailable", "lost", "lost_500", "cut"]
SqsFault = Anywhere | Literal["partial", "duplicate", "reorder", "empty", "early"]
S3Fault = Anywhere | Literal["conflict"]


class Rule(BaseModel):
    """One fault. `share` is a probability; `seconds` are the least and the most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: str
    share: float = Field(ge=0, le=1)
    on: tuple[str, ...] = ()
    where: str = ""
    seconds: tuple[float, float] = (0.0, 1.0)
    limit: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        least, most = self.seconds
        if not 0 <= least <= most:
            raise ValueError("seconds must be two numbers, the least first, neither below 0")
        return self


class SqsRule(Rule):
    """A fault of the queues."""

    fault: SqsFault


class S3Rule(Rule):
    """A fault of the storage."""

    fault: S3Fault


class Plan(BaseModel):
    """All rules of both endpoints."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    sqs: tuple[SqsRule, ...] = ()
    s3: tuple[S3Rule, ...] = ()


def parse(text: str | bytes) -> Plan:
    """The document; FaultsUnusableError where it is none."""
    try:
        return Plan.model_validate_json(text)
    except ValidationError as problem:
        raise FaultsUnusableError(f"this is no document of faults: {problem}") from None


def read(source: str) -> Plan:
    """The document in a file of this name, or in the text itself where it begins with a brace.

    Raises FaultsUnusableError where there is none.
    """
    if source.lstrip().startswith("{"):
        return parse(source)
    try:
        return parse(Path(source).read_bytes())
    except OSError as problem:
        raise FaultsUnusableError(f"the faults cannot be read: {problem}") from problem
