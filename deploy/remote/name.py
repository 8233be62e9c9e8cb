"""What a run is called: its id, its keys in the bucket, its tags. Pure."""

import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

PREFIX = "remote/"
ROLE = "remote"  # of an instance, in its tag classifycloud-role
RUN_TAG = "classifycloud-remote"
DEADLINE_TAG = "classifycloud-deadline"  # seconds since 1970, UTC
STARTER_TAG = "classifycloud-starter"
IDS = re.compile(r"r-[0-9a-f]{10}")


@dataclass(frozen=True, slots=True)
class Run:
    """What both sides must know, kept as `remote/ID/run.json`.

    Args:
        id: `r-` and ten hexadecimal digits.
        script: the command, as a line of bash.
        folder: of the terminal, where outputs go.
        kind: instance type.
        spot: whether it may be taken back.
        minutes: that the instance may live.
        grace: seconds without a sign of the terminal's life after which the run gives up; 0: never.
        started: seconds since 1970, UTC.
    """

    id: str
    script: str
    folder: str
    kind: str
    spot: bool
    minutes: int
    grace: int
    started: float

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, data: bytes) -> "Run":
        """Raises ValueError: it is no run, or one of another version."""
        said: Any = json.loads(data)
        try:
            return cls(**{name: said[name] for name in cls.__slots__})
        except (KeyError, TypeError) as error:
            raise ValueError(f"no run of this version: {error!r}") from error

    @property
    def deadline(self) -> float:
        """Seconds since 1970, UTC."""
        return self.started + 60 * self.minutes


def new_id() -> str:
    """Nobody else's."""
    return f"r-{secrets.token_hex(5)}"


def key(run: str, name: str = "") -> str:
    """Of one of a run's objects."""
    return f"{PREFIX}{run}/{name}"
