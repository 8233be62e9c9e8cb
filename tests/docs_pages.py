"""What pages of the documentation tell a reader to type, and what they say comes then.

```sh                commands, one a line; a line that ends in a backslash goes on
```text, ```json     right behind it: what the last of them prints; `…` stands for anything
```python            behind "Put this into `FILE`:", a file that later commands need
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "quickstart.md",
    ROOT / "docs" / "quickstart-training.md",
    *sorted((ROOT / "docs" / "tutorials").glob("*.md")),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"Put this into `([\w./-]+)`:\s*$")
SHELL, OUTPUT = {"sh", "bash"}, {"text", "json"}


@dataclass(frozen=True)
class Command:
    """One command of a page; `shown` is what the page says it prints, if it says."""

    page: str
    line: int
    text: str
    shown: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


@dataclass(frozen=True)
class File:
    """A file that the reader is told to write."""

    name: str
    text: str


@dataclass(frozen=True)
class Fence:
    """A fenced block, with what stands between the one before and it."""

    language: str
    text: str
    line: int
    before: str


def fences(page: Path) -> Iterator[Fence]:
    """Every fenced block of a page, in order."""
    text, end = page.read_text(encoding="utf-8"), 0
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield Fence(found[1], found[2], line, text[end : found.start()])
        end = found.end()


def steps(page: Path) -> list[Command | File]:
    """What the reader of a page is to do, in order."""
    done: list[Command | File] = []
    last = ""
    for fence in fences(page):
        if fence.language in SHELL:
            done += _typed(page, fence)
        elif fence.language in OUTPUT and last in SHELL and not fence.before.strip():
            told = done.pop()
            assert isinstance(told, Command)
            done.append(Command(told.page, told.line, told.text, fence.text))
        elif named := FILE.search(fence.before):
            done.append(File(named[1], fence.text))
        last = fence.language
    return done


def commands(page: Path) -> list[Command]:
    """The commands alone."""
    return [step for step in steps(page) if isinstance(step, Command)]


def _typed(page: Path, fence: Fence) -> Iterator[Command]:
    whole = ""
    for offset, line in enumerate(fence.text.splitlines()):
        whole += line
        if whole.endswith("\\"):
            whole = whole[:-1]
            continue
        text = re.sub(r"\s+#\s.*$", "", whole).strip()
        if text and not text.startswith("#"):
            yield Command(str(page.relative_to(ROOT)), fence.line + offset, text)
        whole = ""


NUMBER = r"-?\d[\d,.]*(?:e-?\d+)?"
ID = r"(?:own-|bulk-|[wb]-)?[0-9a-f]{8,}(?:-[0-9a-f]{4,})*"
VARYING = re.compile(rf"…|\b{ID}\b|\d\d:\d\d:\d\d|{NUMBER}|[─-╿]+|\s+")


def shape(shown: str) -> re.Pattern[str]:
    """What output must look like to be the one that is shown: other numbers, ids, rulings and blanks."""
    parts, end = [], 0
    for found in VARYING.finditer(shown):
        parts.append(re.escape(shown[end : found.start()]))
        parts.append(_varying(found[0]))
        end = found.end()
    return re.compile("".join(parts) + re.escape(shown[end:]), re.S)


def _varying(text: str) -> str:
    if text == "…":
        return ".*?"
    if text.isspace() or set(text) <= {chr(n) for n in range(0x2500, 0x2580)}:
        return r"[\s─-╿]*"
    if re.fullmatch(NUMBER, text):
        return NUMBER
    return rf"(?:{ID}|\d\d:\d\d:\d\d)"
