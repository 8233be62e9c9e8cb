"""Which picture URLs are asked for. Pure."""

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote


def own(origin: str, names: Sequence[str], run: str) -> Callable[[int], str]:
    """The URL with this number below the origin: file by file, never the same for two numbers or two runs.

    A service that remembers answers by URL has none of them yet.

    Raises:
        ValueError: no names.
    """
    if not names:
        raise ValueError("needs at least one picture")
    whole = [f"{origin}/{quote(name)}?run={run}&n=" for name in names]
    return lambda number: f"{whole[number % len(whole)]}{number // len(whole)}"


def given(urls: Sequence[str]) -> Callable[[int], str]:
    """The URL with this number, as it was given: one after the other, then from the first again."""
    return lambda number: urls[number % len(urls)]


def asked(url: Callable[[int], str], repeat: float, seed: int = 0) -> Iterator[str]:
    """Endless URLs. A share of `repeat` (0 to 1) of them, by chance, was asked for before."""
    chance, new = random.Random(seed), itertools.count()
    known = 0
    while True:
        if known and chance.random() < repeat:
            yield url(chance.randrange(known))
        else:
            known += 1
            yield url(next(new))
