"""How many people ask at which second: the shapes of `bench/locustfile.py`. Pure; needs no locust."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """`users` at most; the run takes `seconds`; the steps are `steps` in number."""

    users: int
    seconds: float
    steps: int = 5


def steps(at: float, terms: Terms) -> int:
    """Ever more users in equal steps, the last with all of them: where does it begin to hurt?"""
    step = int(at / terms.seconds * terms.steps) + 1
    return max(1, round(terms.users * min(step, terms.steps) / terms.steps))


def spike(at: float, terms: Terms) -> int:
    """A tenth of the users, in the middle fifth of the time all of them: how soon is it over?"""
    in_spike = 0.4 <= at / terms.seconds < 0.6
    return terms.users if in_spike else max(1, terms.users // 10)


def soak(at: float, terms: Terms) -> int:
    """All users, after a tenth of the time in which they come: does anything grow?"""
    return max(1, round(terms.users * min(1.0, at / (0.1 * terms.seconds))))


SHAPES: Mapping[str, Callable[[float, Terms], int]] = {
    "steps": steps,
    "spike": spike,
    "soak": soak,
}


def users(shape: str, at: float, terms: Terms) -> int | None:
    """Users at this second; None when the run is over."""
    return SHAPES[shape](at, terms) if at < terms.seconds else None
