"""Which labels an answer may have: what a request says beside how many it wants."""

from collections.abc import Callable, Iterable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

MOST, LONGEST = 100, 200  # terms in each of the two lists, and characters of one
Terms = Annotated[tuple[str, ...], Field(max_length=MOST)]
Judge = Callable[[str, str], bool]
"""Whether the label of this name and class id may be in the answer."""


class Sieve(BaseModel):
    """Labels of at least `min_confidence`, 0 to 1; those in `include` alone, where it names any, and none of
    those in `exclude`.

    A term is a class id, a label's name, or one of the names that this lists between commas; upper and lower
    case are the same.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True
    )

    min_confidence: float = Field(default=0.0, ge=0, le=1)
    include: Terms = ()
    exclude: Terms = ()

    @classmethod
    def of(cls, least: float, include: Iterable[str], exclude: Iterable[str]) -> Self | None:
        """What asks for the same is equal; None where every label may pass."""
        made = cls(min_confidence=least, include=folded(include), exclude=folded(exclude))
        return None if made == cls() else made

    def judge(self) -> Judge:
        """What decides by name and class id; confidence is not its matter."""
        include, exclude = frozenset(self.include), frozenset(self.exclude)

        def passes(name: str, class_id: str) -> bool:
            terms = spellings(name, class_id)
            wanted = not include or not include.isdisjoint(terms)
            return wanted and exclude.isdisjoint(terms)

        return passes


def folded(terms: Iterable[str]) -> tuple[str, ...]:
    """Each term once, in one spelling and order."""
    return tuple(sorted({" ".join(term.casefold().split()) for term in terms}))


def spellings(name: str, class_id: str) -> set[str]:
    """The terms by which a label is known."""
    whole = name.casefold()
    return {class_id.casefold(), whole, *(part.strip() for part in whole.split(","))}
