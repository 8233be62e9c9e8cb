"""What a request says of the job that it asks for, beside the question itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How a job is to be kept.

    Args:
        id: what its client calls it.
        key: the request's Idempotency-Key; an id makes it needless.
        deadline: seconds in which it may be worked.
        webhook: whom to tell of it.
    """

    id: str | None = None
    key: str | None = None
    deadline: float = DAY
    webhook: Mapping[str, Any] | None = None
