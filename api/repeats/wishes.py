"""What a request says of answers that are remembered: its Cache-Control (RFC 9111, 5.2.1)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """`oldest` is the age in seconds that an answer may have, `keep` whether the answer may be remembered."""

    oldest: float = math.inf
    keep: bool = True

    @property
    def fresh(self) -> bool:
        """Whether nothing will do but work that is done for this request."""
        return self.oldest <= 0


ANYTHING = Wish()


def wished(values: Iterable[str]) -> Wish:
    """The wish in a request's Cache-Control headers.

    `no-cache`, `no-store` and `max-age=0` want fresh work; `no-store` wants it forgotten too. An age that
    is no number counts as 0: it wanted less than everything. Other directives mean nothing here.
    """
    oldest, keep = math.inf, True
    for directive in ",".join(values).split(","):
        name, value = (part.strip(' "') for part in directive.lower().partition("=")[::2])
        if name in ("no-cache", "no-store"):
            oldest = 0.0
        elif name == "max-age":
            oldest = min(oldest, _seconds(value))
        keep = keep and name != "no-store"
    return Wish(oldest, keep)


def _seconds(text: str) -> float:
    return float(text[:10]) if text.isascii() and text.isdigit() else 0.0
