"""Whatever any page tells people to type is there: commands and options of ours, targets of make.

`tests/acceptance/test_docs_commands.py` runs those of the README and the tutorials.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.main import app
from tests.docs_links import pages
from tests.docs_pages import PAGES, File, steps

ROOT = Path(__file__).resolve().parents[2]
TARGETS = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text("utf-8"), re.M))
OURS = typer.main.get_command(app)
REFERENCE = "<!-- From here on by"  # in docs/cli.md
HERE = "--install-completion", "--show-completion", "--version", "--help"
# What is written as code: fences, lines that are set in, and what stands between backticks.
CODE = re.compile(r"^```.*?^```$|^(?: {4}|\t).*$|`[^`\n]+`", re.M | re.S)
# Where a command begins, up to what a shell or a sentence ends it with.
TYPED = re.compile(
    r"(?:^|[|;&(]) *(?:[A-Z_]+=\S* +)*(?:\.venv/bin/)?(classifycloud|make) ([^\n`|;&>#(),…⟨]*)",
    re.M,
)
OPTION = re.compile(r"(?<!\S)(--[a-z][a-z0-9-]*)")


def typed(text: str) -> Iterator[tuple[str, str]]:
    """Every call of ours or of make on a page: which, and what stands behind it."""
    for code in CODE.findall(text.replace("\\\n", " ")):
        for found in TYPED.finditer(code.strip("`")):
            yield found[1], found[2].strip()


def meant(rest: str) -> tuple[Any, list[str]]:
    """The command that the words lead to, and the options of all on the way."""
    command, options = OURS, [name for each in OURS.params for name in each.opts]
    for word in rest.split():
        below = getattr(command, "commands", {})
        if word not in below:
            break
        command = below[word]
        options += [name for each in command.params for name in (*each.opts, *each.secondary_opts)]
    return command, options


def wrong(rest: str) -> str | None:
    """What is the matter with `classifycloud REST`, if anything."""
    command, options = meant(rest)
    first = next(iter(rest.split()), "")
    if command is OURS and re.fullmatch(r"[a-z][a-z-]*", first):
        return f"classifycloud {rest}: there is no command {first}"
    own = rest.partition(" -- ")[0]  # what stands behind belongs to another command
    unknown = [each for each in OPTION.findall(own) if each not in (*options, *HERE)]
    return f"classifycloud {rest}: no option {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_has_one_type_exists(page: Path) -> None:
    faults = []
    for tool, rest in typed(page.read_text(encoding="utf-8")):
        if tool == "classifycloud":
            faults.append(wrong(rest))
        elif (target := re.match(r"([a-z][a-z0-9-]*)(?=\s|$)", rest)) and target[1] not in TARGETS:
            faults.append(f"make {rest}: there is no target {target[1]}")
    assert [fault for fault in faults if fault] == []


def test_what_is_wrong_is_seen() -> None:
    page = "`classifycloud scale --mim 3`, `X=1 make no`\n\n    KEY=$(classifycloud publish x)\n"
    assert list(typed(page)) == [
        ("classifycloud", "scale --mim 3"),
        ("make", "no"),
        ("classifycloud", "publish x"),
    ]
    assert wrong("scale --mim 3")
    assert wrong("publish x")
    assert wrong("scale --min 3 --json") is None
    assert wrong("models publish x --canary 10%") is None


def test_every_command_has_a_page_beside_the_reference() -> None:
    told = {
        next(iter(rest.split()), "")
        for page in pages()
        if page.name != "CHANGELOG.md"
        for tool, rest in typed(page.read_text(encoding="utf-8").partition(REFERENCE)[0])
        if tool == "classifycloud"
    }
    lonely = {name for name, each in OURS.commands.items() if not each.hidden} - told
    assert lonely == set(), "docs/cli.md has their options, but no page says what they are for"


def test_files_that_readers_write_are_nothing_that_checks_look_at():
    written = {step.name for page in PAGES for step in steps(page) if isinstance(step, File)}
    made = {*written, "pictures/dots/dots-000.png", "runs/shapes/run.json"}
    asked = ["git", "check-ignore", "--no-index", *made]
    ignored = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(ignored.stdout.split()) == made
