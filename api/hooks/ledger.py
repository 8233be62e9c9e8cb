"""hooks/⟨job⟩/⟨state⟩.json: what became of one webhook. Every change is written over what it was made from,
so that of several replicas one is at it.

Times are the store's own: how long ago the object was written.
"""

import secrets
from dataclasses import dataclass
from typing import Literal

from wire.messages import Message
from wire.store import Store

SENDING = 30.0  # seconds after which whoever took it on is dead: three times what sending may take

LOOK = 3.0  # seconds between looks whether somebody else is done


class Line(Message):
    """`tried` so many times; after that, `pause` seconds pass before the next. `status` answered the last.
    `by` is drawn for each turn: no two writers write the same."""

    by: str
    phase: Literal["sending", "waiting", "told", "gone", "given up"]
    tried: int = 0
    pause: float = 0.0
    status: int | None = None

    @property
    def over(self) -> bool:
        """Whether nothing is to be sent any more."""
        return self.phase in ("told", "gone", "given up")


@dataclass(frozen=True, slots=True)
class Turn:
    """Ours to send: which try it is, from 1 on, and what is needed to write down what came of it."""

    key: str
    etag: str
    by: str
    tried: int


@dataclass(frozen=True, slots=True)
class Busy:
    """Not now, but in so many seconds."""

    seconds: float


class Ledger:
    """Every call raises QueueUnavailable where the store cannot be reached."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, job: str, state: str) -> Turn | Busy | None:
        """Take it on, for SENDING seconds; None where it is over."""
        key = hook_key(job, state)
        kept = await self._store.read(key)
        line = None if kept is None else Line.decode(kept.data)
        if line is not None and kept is not None:
            if line.over:
                return None
            sending = line.phase == "sending"
            rest = (SENDING if sending else line.pause) - kept.age
            if rest > 0:
                return Busy(min(rest, LOOK) if sending else rest)
        tried = 1 + (0 if line is None else line.tried)
        by = secrets.token_hex(8)
        begun = Line(by=by, phase="sending", tried=tried)
        etag = await self._store.replace(key, _bytes(begun), None if kept is None else kept.etag)
        return Busy(LOOK) if etag is None else Turn(key, etag, by, tried)

    async def note(self, turn: Turn, line: Line) -> None:
        """What came of a turn. Somebody who took us for dead has noted his own by then: that stands."""
        await self._store.replace(turn.key, _bytes(line), turn.etag)


def hook_key(job: str, state: str) -> str:
    """What became of telling that a job came to this end."""
    return f"hooks/{job}/{state}.json"


def _bytes(line: Line) -> bytes:
    return line.encode().encode()
