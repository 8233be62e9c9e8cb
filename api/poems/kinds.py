"""Which kind of thing a label names, and of which kind that one is. Pure."""

import functools
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = "thing"
_LINE = re.compile(r"- ([a-z-]+)(?: < ([a-z-]+))?(?:: (.+))?")
_WORDNET = re.compile(r"n\d{8}")
_RANGE = re.compile(r"(n\d{8})(?:-(n\d{8}))?")
_MARKS = re.compile(r"[^\w']+")


@dataclass(frozen=True, slots=True)
class Kinds:
    """A tree of kinds, and how labels find their place in it.

    Args:
        parents: each kind's parent; the root has none.
        ranges: first and last WordNet id and the kind, in the order of the first; narrower ones count more.
        words: names in lower case.
    """

    parents: Mapping[str, str | None]
    ranges: tuple[tuple[str, str, str], ...]
    words: Mapping[str, str]

    def of(self, name: str, class_id: str = "", said: str | None = None) -> tuple[str, ...]:
        """The kinds of a label, the nearest first and the root last.

        Args:
            name: the label's; of several between commas the first that is known counts.
            class_id: WordNet's id, where it is one.
            said: the kind that its bundle gives, which may be none of these: `beagle/dog`.
        """
        given = tuple(slug(each) for each in (said or "").split("/") if each)
        known = next((each for each in given if each in self.parents), None)
        nearest = known or self._by_id(class_id) or self._by_name(name) or ROOT
        fresh = tuple(each for each in given if each not in self.parents)
        return (*fresh, *self._upward(nearest))

    def _by_id(self, class_id: str) -> str | None:
        if not _WORDNET.fullmatch(class_id):
            return None
        until = bisect_right(self.ranges, (class_id, "o", ""))
        within = [each for each in self.ranges[:until] if class_id <= each[1]]
        return min(within, key=_width)[2] if within else None

    def _by_name(self, name: str) -> str | None:
        for each in name.split(","):
            words = _plain(each).split()
            # "Egyptian cat" is a cat: what stands last says what it is.
            for begin in range(len(words)):
                tail = " ".join(words[begin:])
                if (
                    kind := self.words.get(tail) or self.words.get(tail.removesuffix("s"))
                ) is not None:
                    return kind
        return None

    def _upward(self, kind: str | None) -> Iterable[str]:
        while kind is not None:
            yield kind
            kind = self.parents[kind]


@functools.cache
def ours() -> Kinds:
    """Those that come with the project."""
    return parsed((Path(__file__).parent / "kinds.md").read_text(encoding="utf-8"))


def parsed(text: str) -> Kinds:
    """Kinds as `kinds.md` writes them.

    Raises:
        ValueError: a parent that is not there above its child.
    """
    parents: dict[str, str | None] = {}
    ranges: list[tuple[str, str, str]] = []
    words: dict[str, str] = {}
    for line in filter(None, map(_LINE.fullmatch, text.splitlines())):
        kind, parent, terms = line.groups()
        if parent is not None and parent not in parents:
            raise ValueError(f"{kind} is of the kind {parent}, which is none above it")
        parents[kind] = parent
        for term in (terms or "").split(", "):
            if found := _RANGE.fullmatch(term):
                ranges.append((found[1], found[2] or found[1], kind))
            elif term:
                words.setdefault(_plain(term), kind)
    return Kinds(parents, tuple(sorted(ranges)), words)


def slug(text: str) -> str:
    """As names of files have it: "Egyptian cat" is egyptian-cat."""
    return "-".join(_plain(text).replace("'", "").split())


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text.lower()).strip()


def _width(each: tuple[str, str, str]) -> int:
    return int(each[1][1:]) - int(each[0][1:])
