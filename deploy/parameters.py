"""What a stack is given: the template's defaults, what it was given before, what is asked for now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.errors import DeployError


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that the template has; `default` is None where it must be given."""

    name: str
    default: str | None
    about: str = ""


def filled(
    known: Mapping[str, Parameter], given: Mapping[str, str], before: Mapping[str, str]
) -> dict[str, str]:
    """Values for all: given now, else as before, else the default.

    Raises:
        DeployError: a name that the template has not, or one that nobody gave a value.
    """
    strange = sorted(set(given) - set(known))
    if strange:
        raise DeployError(
            f"The template has no parameter {', '.join(strange)}.\n"
            f"It has: {', '.join(sorted(known))}."
        )
    values: dict[str, str] = {}
    for name, parameter in known.items():
        value = given.get(name, before.get(name, parameter.default))
        if value is None:
            raise DeployError(f"The parameter {name} needs a value: --set {name}=…")
        values[name] = value
    return values


def pairs(texts: list[str]) -> dict[str, str]:
    """`NAME=VALUE` texts, as on the command line.

    Raises:
        DeployError: one is none.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise DeployError(f"{text!r} is no NAME=VALUE.")
        found[name] = value
    return found


def changed(now: Mapping[str, str], before: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What differs: before and now, by name."""
    names = sorted(set(now) | set(before))
    return {
        name: (before.get(name, ""), now.get(name, ""))
        for name in names
        if before.get(name) != now.get(name)
    }
