"""The reference at the end of docs/cli.md, from the commands' own help. --write puts it there."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import typer
from typer.core import TyperArgument, TyperOption

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PAGE = ROOT / "docs" / "cli.md"
KINDS = {int: "NUMBER", float: "NUMBER", str: "TEXT", Path: "PATH"}
MARK = "<!-- From here on by `python .ci/cli_reference.py --write`: a test compares it. -->\n"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by what is typed, groups before what is in them."""
    from cli.main import app

    yield from _within("classifycloud", typer.main.get_command(app))


def _within(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not getattr(command, "commands", None) or command.invoke_without_command:
        yield name, command
    for each, found in getattr(command, "commands", {}).items():
        if not found.hidden:
            yield from _within(f"{name} {each}", found)


def reference() -> str:
    """A section for each command: what it does, its arguments and options."""
    return "\n".join(_section(name, command) for name, command in commands())


def _section(name: str, command: Any) -> str:
    arguments = [each for each in command.params if isinstance(each, TyperArgument)]
    options = [each for each in command.params if isinstance(each, TyperOption)]
    shown = [each for each in options if not each.hidden and "--help" not in each.opts]
    typed = " ".join([name, *(_typed(each) for each in arguments)])
    lines = [f"### `{typed}`", "", *_paragraphs(command.help)]
    rows = [
        *(_argument(each) for each in arguments if each.help),
        *(_option(each) for each in shown),
    ]
    if rows:
        lines += ["| | default | |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _paragraphs(text: str) -> list[str]:
    paragraphs = (" ".join(each.split()) for each in text.split("\n\n"))
    return [line for each in paragraphs for line in (each, "")]


def _typed(argument: TyperArgument) -> str:
    name = (argument.metavar or (argument.name or "").upper()).strip("[]")
    name += "..." if argument.nargs == -1 and "..." not in name else ""
    return name if argument.required else f"[{name}]"


def _argument(argument: TyperArgument) -> str:
    return _row(f"`{_typed(argument)}`".replace("|", "\\|"), argument)


def _option(option: TyperOption) -> str:
    names = ", ".join(f"`{each}`" for each in [*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else f" {_value(option)}"
    return _row(f"{names}{value}", option)


def _value(option: TyperOption) -> str:
    if option.metavar:
        return option.metavar.replace("|", "\\|")
    kind = option.type_descriptor.annotation
    kinds = [each for each in get_args(kind) if each is not type(None)] or [kind]
    words = [KINDS.get(each, str(each)) for each in kinds]
    return " or ".join(word if word.isupper() else f"`{word}`" for word in words)


def _row(name: str, parameter: Any) -> str:
    about = " ".join((parameter.help or "").split()).replace("|", "\\|")
    return f"| {name} | {_default(parameter)} | {about} |"


def _default(parameter: Any) -> str:
    said = getattr(parameter, "show_default", None)
    if isinstance(said, str):
        return said
    if parameter.required:
        return "needed"
    value = parameter.default
    if value is None or value is False or callable(value) or value == ():
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def written(text: str) -> str:
    """The page with the reference in the place of an older one."""
    head, mark, _ = text.partition(MARK)
    if not mark:
        raise SystemExit(f"{PAGE}: the line is not there that begins {MARK[:30]}")
    return f"{head}{MARK}\n{reference()}"


if __name__ == "__main__":
    now = PAGE.read_text(encoding="utf-8")
    if "--write" in sys.argv:
        PAGE.write_text(written(now), encoding="utf-8")
    sys.exit(
        0 if written(now) == now or "--write" in sys.argv else f"{PAGE} is out of date: --write"
    )
