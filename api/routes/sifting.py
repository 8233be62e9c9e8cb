"""Which labels a request wants: `minConfidence`, `include` and `exclude` of its query."""

from collections.abc import Iterable

from wire.errors import InvalidParameter
from wire.sieve import LONGEST, MOST, Sieve

SIFTING = frozenset(("minConfidence", "include", "exclude"))
RANGE = "minConfidence: a number from 0 to 1."


def sifting(pairs: Iterable[tuple[str, str]]) -> Sieve | None:
    """The sieve that these names and values of a query ask for; None where all labels pass it.

    Raises:
        InvalidParameter: a value that it may not have.
    """
    given: dict[str, list[str]] = {name: [] for name in SIFTING}
    for name, value in pairs:
        if name in SIFTING:
            given[name].append(value)
    least = _share(given["minConfidence"][-1]) if given["minConfidence"] else 0.0
    return sieve(least, given["include"], given["exclude"])


def sieve(least: float, include: list[str], exclude: list[str]) -> Sieve | None:
    """The sieve of these parts.

    Raises:
        InvalidParameter: a term that is empty or too long, or too many of them.
    """
    for name, terms in (("include", include), ("exclude", exclude)):
        if len(terms) > MOST:
            raise InvalidParameter(f"{name}: at most {MOST} labels.")
        if any(not term.strip() or len(term) > LONGEST for term in terms):
            raise InvalidParameter(
                f"{name}: a label's name or class id, of 1 to {LONGEST} characters; repeat it for more."
            )
    return Sieve.of(least, include, exclude)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        raise InvalidParameter(RANGE) from None
    if not 0 <= share <= 1:  # nor NaN
        raise InvalidParameter(RANGE)
    return share
