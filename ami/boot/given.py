"""What an instance was given, out of its user data. Pure; docs/aws.md has the format.

START says which of worker, api, balancer and queue run here, with spaces between them; LOG_GROUP where logs
go; SETTINGS, if it is there, a path of SSM's parameter store with further settings. All else are settings of
the processes, and boto3's endpoints.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ami.boot.errors import Unusable

HEADER = "#classifycloud"
VERSION = "1"
QUEUE = "queue"
ROLES = ("worker", "api", "balancer", QUEUE)
PREFIX = "CLASSIFYCLOUD_"
# Endpoints of emulators, and what they take for credentials; on AWS those are the role's.
OF_BOTO3 = re.compile(r"AWS_(ENDPOINT_URL(_[A-Z0-9_]+)?|ACCESS_KEY_ID|SECRET_ACCESS_KEY|CA_BUNDLE)")
PATH = re.compile(r"(/[A-Za-z0-9_.-]+)+")


@dataclass(frozen=True)
class Given:
    """Which processes, where more settings are, where logs go, and settings."""

    roles: tuple[str, ...] = ()
    path: str | None = None
    log_group: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


def read(text: str, known: frozenset[str]) -> Given:
    """Take user data apart; those that are a script, or nothing at all, start nothing of ours.

    Args:
        text: the user data.
        known: names of all settings.

    Raises:
        Unusable: another version, or a line that is none; the text says which.
    """
    first = text.lstrip().partition("\n")[0].strip()
    if not first or first.startswith(("#!", "#cloud-config", "Content-Type:")):
        return Given()
    if first.split() != [HEADER, VERSION]:
        raise Unusable(f"the user data begin with {first[:40]!r} and not with '{HEADER} {VERSION}'")
    variables = dict(_lines(text))
    roles = _roles(variables.pop("START", ""))
    log_group = variables.pop("LOG_GROUP", None)
    path = variables.pop("SETTINGS", None)
    if path is not None and not PATH.fullmatch(path):
        raise Unusable(f"SETTINGS={path}: no path of parameters, such as /classifycloud/demo")
    for name, value in variables.items():
        check(name, value, known)
    return Given(roles, path, log_group, variables)


def check(name: str, value: str, known: frozenset[str]) -> None:
    """Raise Unusable where this is no variable that a process here may have."""
    if name not in known and not OF_BOTO3.fullmatch(name):
        raise Unusable(f"{name}: there is no such setting (docs/settings.md has all)")
    if not value.isprintable():
        raise Unusable(f"{name} has characters that cannot be printed, such as line ends")


def is_setting(name: str) -> bool:
    """Whether a tag of that name is meant as one."""
    return name.startswith(PREFIX)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise Unusable(f"line {number} of the user data is no NAME=value")
        yield name.strip(), value.strip()


def _roles(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.split()))
    for each in found:
        if each not in ROLES:
            raise Unusable(f"START={text}: {each} is none of {', '.join(ROLES)}")
    if not found:
        raise Unusable(f"START says nothing: which of {', '.join(ROLES)} run here?")
    return found
