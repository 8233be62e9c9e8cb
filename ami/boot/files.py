"""What systemd reads: a file of variables for each process that runs here, and marks for its conditions."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

ALONE = "alone"  # nothing but a worker runs here: its end is the instance's
SPECIAL = re.compile(r'(["\\`$])')


def write(
    folder: Path, environments: Mapping[str, Mapping[str, str]], logs: Mapping[str, str]
) -> None:
    """The files of these processes, and of what ships their logs; marks last, each file whole."""
    marks = folder / "roles"
    marks.mkdir(parents=True, exist_ok=True)
    if logs:
        put(folder / "logs.env", text(logs), 0o600)
    for role, variables in environments.items():
        # Secrets may be among them, and systemd reads them as root.
        put(folder / f"{role}.env", text(variables), 0o600)
    if is_alone(tuple(environments)):
        put(folder / ALONE, "", 0o644)
    for role in environments:
        put(marks / role, "", 0o644)


def is_alone(roles: Sequence[str]) -> bool:
    """Whether the end of the worker is the end of the instance."""
    return tuple(roles) == ("worker",)


def text(variables: Mapping[str, str]) -> str:
    """As systemd.exec(5) has it under EnvironmentFile=."""
    quoted = {name: SPECIAL.sub(r"\\\1", value) for name, value in variables.items()}
    return "".join(f'{name}="{value}"\n' for name, value in sorted(quoted.items()))


def put(path: Path, content: str, mode: int) -> None:
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    half.replace(path)
