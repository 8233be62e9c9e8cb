"""Parts of which the local AWS fails on purpose: what soak tests run against."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from local.up.parts import Part

_UNRELIABLE = ("sqs", "storage")


def with_faults(parts: Sequence[Part], faults: Path) -> tuple[Part, ...]:
    """The same parts, queues and storage with the faults of this file; see `local.faults`."""
    return tuple(
        replace(part, command=(*part.command, "--faults", str(faults.absolute())))
        if part.name in _UNRELIABLE
        else part
        for part in parts
    )
