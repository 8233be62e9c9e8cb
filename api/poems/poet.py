"""A verse for a label: the nearest that there is, and at the same distance the operator's."""

import random
from dataclasses import dataclass

from api.poems import anthology, kinds
from api.poems.anthology import Verse
from api.poems.shelf import Shelf

_FEW = 6  # kinds that a bundle may give a label, and names that a label may list


@dataclass(frozen=True, slots=True)
class Said:
    """A verse, and of what it tells: a kind of thing, a label or a class id."""

    about: str
    lines: Verse


class Poet:
    """Chooses; among several of one name by chance."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def verse(self, name: str, class_id: str = "", kind: str | None = None) -> Said:
        """One about the label, its kind, or that one's, in this order."""
        labels = [kinds.slug(each) for each in name.split(",")[:_FEW]]
        own = [each for each in (class_id.lower(), *labels) if each]
        names = list(dict.fromkeys((*own, *kinds.ours().of(name, class_id, kind))))
        theirs, ours = await self._shelf.find(names), anthology.ours()
        for each in names:
            if found := theirs.get(each) or ours.get(each):
                return Said(each, random.choice(found))  # noqa: S311
        raise AssertionError("the root of all kinds has a verse")
