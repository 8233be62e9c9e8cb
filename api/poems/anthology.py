"""Verses by name: those that come with the project, and how any are read."""

import functools
from collections.abc import Mapping
from pathlib import Path

Verse = tuple[str, ...]
LINES, WIDTH = 12, 120  # of a verse at most, and characters of its lines


@functools.cache
def ours() -> Mapping[str, tuple[Verse, ...]]:
    """The project's own, by kind of thing."""
    text = (Path(__file__).parent / "verses.md").read_text(encoding="utf-8")
    _, *chapters = text.split("\n## ")
    named = (chapter.partition("\n") for chapter in chapters)
    return {name.strip(): verses(body) for name, _, body in named}


def verses(text: str) -> tuple[Verse, ...]:
    """Verses with blank lines between them; what is too long is cut, what cannot be shown left out."""
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = tuple(_shown(line) for line in block.splitlines() if _shown(line))
        if lines:
            found.append(lines[:LINES])
    return tuple(found)


def _shown(line: str) -> str:
    return "".join(each for each in line if each.isprintable()).strip()[:WIDTH]
