"""What the search and the processes of its crew say to each other: a line of JSON each."""

import json
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Order:
    """Train this: the options that were drawn, the run's folder, and what is the same for all trials."""

    number: int
    run: str
    drawn: dict[str, Any]
    fixed: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """After an epoch: whether to go on with it."""

    go_on: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has all that it needs to train, and waits for orders."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch is done; `value` is top-1 on the validation pictures, in 0..1."""

    epoch: int
    planned: int
    value: float


@dataclass(frozen=True, slots=True)
class Done:
    """The trial is done; `value` is that of the epoch whose network is kept."""

    value: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """The trial was ended after an epoch, as told."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The trial cannot be done, for a reason of its own: with these options it would fail again."""

    why: str


@dataclass(frozen=True, slots=True)
class Halted:
    """The trial cannot go on, because of the disk or the pictures, not of its options."""

    why: str


Message: TypeAlias = Order | Verdict | Ready | Epoch | Done | Stopped | Failed | Halted
_KINDS = {
    kind.__name__: kind for kind in (Order, Verdict, Ready, Epoch, Done, Stopped, Failed, Halted)
}


def encoded(message: Message) -> bytes:
    """One line, its end included."""
    return json.dumps([type(message).__name__, asdict(message)]).encode() + b"\n"


def decoded(line: bytes) -> Message:
    """Raises ValueError for what is no message."""
    try:
        kind, said = json.loads(line)
        found: Message = _KINDS[kind](**said)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no message: {line[:200]!r}") from error
    return found
