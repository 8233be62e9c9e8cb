"""What a remembered answer is found by."""

from typing import NamedTuple

from wire.sieve import Sieve


class Asked(NamedTuple):
    """What makes two requests the same: who asks, the URL as it was spelled, and what decides the labels."""

    group: str | None
    url: str
    model: str | None
    version: str | None
    top: int
    sieve: Sieve | None = None
