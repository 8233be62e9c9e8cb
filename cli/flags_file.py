"""Options of a command out of a YAML file: a key for each long option, and the command line wins.

    epochs: 20
    rate: 1e-3
    early-stop: true

A value is read as if it stood on the command line, so that `1e-3` is a number and `no` a word where a word is
wanted. Relative paths start where the command runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from training.near import nearest

Value: TypeAlias = str | list[str]


@dataclass(frozen=True)
class Flag:
    """A value as it is written, and its line from 1."""

    value: Value
    line: int


class Unfit(Exception):
    """The file cannot be read, or says something that no command line could say; the text names the line."""


def parsed(text: str) -> dict[str, Flag]:
    """The keys of a document with their values.

    Raises:
        Unfit: it is no mapping of names to words and lists of words, or names one twice.
    """
    import yaml

    try:
        root = yaml.compose(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise Unfit(" ".join(str(error).split())) from error
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise Unfit("line 1: a file of flags has lines `option: value`")
    found: dict[str, Flag] = {}
    for key, value in root.value:
        line = key.start_mark.line + 1
        if key.value in found:
            raise Unfit(f"line {line}: {key.value} stands on line {found[key.value].line} already")
        found[str(key.value)] = Flag(_value(value, f"line {line}: {key.value}"), line)
    return found


def _value(node: object, where: str) -> Value:
    import yaml

    if isinstance(node, yaml.SequenceNode):
        values = [_value(each, where) for each in node.value]
        if all(isinstance(each, str) for each in values):
            return [str(each) for each in values]
    if isinstance(node, yaml.ScalarNode) and node.value:
        return str(node.value)
    raise Unfit(f"{where} needs a value, or a list of values")


def _options(context: typer.Context) -> dict[str, Any]:
    """The command's own options by their long names; not those that act at once, as --help and --flags."""
    return {
        name.removeprefix("--"): parameter
        for parameter in context.command.params
        if parameter.param_type_name == "option" and not parameter.is_eager
        for name in parameter.opts
        if name.startswith("--")
    }


def _defaults(context: typer.Context, flags: Mapping[str, Flag]) -> dict[str, Value]:
    """The values by the names of the command's parameters, each tried first."""
    options = _options(context)
    chosen: dict[str, Value] = {}
    for name, flag in flags.items():
        key = name.removeprefix("--")
        parameter = options.get(key)
        if parameter is None:
            raise Unfit(f"line {flag.line}: no option --{key}; {nearest(key, tuple(options))}")
        if isinstance(flag.value, list) and not parameter.multiple:
            raise Unfit(f"line {flag.line}: --{key} takes one value")
        value = [flag.value] if parameter.multiple and isinstance(flag.value, str) else flag.value
        try:
            parameter.process_value(context, value)
        except typer.BadParameter as error:
            raise Unfit(f"line {flag.line}: --{key}: {error.message}") from error
        chosen[parameter.name or key] = value
    return chosen


def _read(context: typer.Context, path: Path | None) -> Path | None:
    """Gives the command's other options their values; those of the command line come before them."""
    if path is None or context.resilient_parsing:
        return path
    try:
        chosen = _defaults(context, parsed(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}") from error
    except Unfit as error:
        raise typer.BadParameter(f"{path}, {error}") from error
    context.default_map = {**(context.default_map or {}), **chosen}
    return path


FlagsFile = Annotated[
    Path | None,
    typer.Option(
        "--flags",
        metavar="FILE.yaml",
        is_eager=True,
        callback=_read,
        help="Options from a file, `epochs: 20` a line; those given here win.",
    ),
]
"""Of a command: `flags: FlagsFile = None`. The command itself makes nothing of it."""
