"""Who works on an idempotency key: one object in the store, which every replica sees.

    (nothing) -> sending -> sent
                    \\-> free      the job was not sent after all; whoever comes next sends it

Each step is a conditional write. A replica that dies in `sending` has not said whether its job is in the
queue: after a while the next one sends it, under the same id, so that its answer is the same in any case.
"""

import uuid
from dataclasses import dataclass
from typing import Literal

from wire import log
from wire.errors import IdempotencyMismatch, QueueUnavailable
from wire.messages import Message
from wire.names import idempotency_key
from wire.store import Kept, Store

DAY = 24 * 3600.0
ATTEMPTS = 5
_log = log.get(__name__)


class Mark(Message):
    """idempotency/: the job that a key stands for. `turn` tells two writers apart."""

    uuid: str
    fingerprint: str
    state: Literal["sending", "sent", "free"]
    turn: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of a key: `mine` says that the job is ours to send, `overdue` that whoever was to send
    it, or to answer it, should have done so by now; `reused` that it is ours and had been somebody's."""

    key: str
    mark: Mark
    etag: str
    mine: bool
    overdue: bool = False
    reused: bool = False

    @property
    def uuid(self) -> str:
        """The job's id."""
        return self.mark.uuid

    @property
    def under_way(self) -> bool:
        """Whether the job is in the queue, or was."""
        return self.mark.state == "sent" and not self.overdue


class Claims:
    """Reads and writes the marks. Ages are the store's: replicas have several clocks.

    Args:
        lost: seconds after which a job that was sent must have had its answer.
        stale: seconds after which a job is taken for unsent when nobody said that it is.
        life: seconds for which a key is remembered.
    """

    def __init__(self, store: Store, lost: float, stale: float, life: float = DAY) -> None:
        self._store = store
        self._limits = {"sending": stale, "sent": lost, "free": 0.0}
        self._life = life

    async def take(self, caller: str, key: str, fingerprint: str) -> Claim:
        """The key's job: ours to send when the key is new, or its job was never sent.

        Args:
            caller: whose key it is; the same key of another caller is another one.
            fingerprint: of the request, to know it again.

        Raises:
            IdempotencyMismatch: the key belongs to another request.
            QueueUnavailable: the store cannot be reached.
        """
        return await self._take(idempotency_key(caller, key), fingerprint)

    async def again(self, claim: Claim) -> Claim:
        """The same key, looked at anew."""
        return await self._take(claim.key, claim.mark.fingerprint)

    async def is_sent(self, claim: Claim) -> bool:
        """Whether somebody said that the claim's job is in the queue; False when it cannot be known."""
        try:
            kept = await self._store.read(claim.key)
        except QueueUnavailable:
            return False
        mark = Mark.decode(kept.data) if kept else None
        return mark is not None and mark.state == "sent" and mark.uuid == claim.uuid

    async def take_over(self, claim: Claim) -> Claim | None:
        """An overdue job made ours; None when somebody else was faster."""
        mine = _next(claim.mark, claim.mark.fingerprint)
        etag = await self._store.replace(claim.key, _bytes(mine), claim.etag)
        return None if etag is None else Claim(claim.key, mine, etag, mine=True, reused=True)

    async def sent(self, claim: Claim) -> None:
        """The job is in the queue. A mark that cannot be written is logged only."""
        await self._say(claim, "sent")

    async def free(self, claim: Claim) -> None:
        """The job is not in the queue, as far as we know: let the next one send it."""
        await self._say(claim, "free")

    async def _take(self, key: str, fingerprint: str) -> Claim:
        for _ in range(ATTEMPTS):
            kept = await self._store.read(key)
            mark = Mark.decode(kept.data) if kept and kept.age <= self._life else None
            if kept and mark and mark.state != "free":
                return self._taken(key, kept, mark, fingerprint)
            mine = _next(mark, fingerprint)
            etag = await self._store.replace(key, _bytes(mine), kept.etag if kept else None)
            if etag is not None:
                reused = mark is not None and mark.uuid == mine.uuid
                return Claim(key, mine, etag, mine=True, reused=reused)
        raise QueueUnavailable

    def _taken(self, key: str, kept: Kept, mark: Mark, fingerprint: str) -> Claim:
        if mark.fingerprint != fingerprint:
            raise IdempotencyMismatch
        overdue = kept.age > self._limits[mark.state]
        return Claim(key, mark, kept.etag, mine=False, overdue=overdue)

    async def _say(self, claim: Claim, state: Literal["sent", "free"]) -> None:
        mark = claim.mark.model_copy(update={"state": state, "turn": _turn()})
        try:
            await self._store.replace(claim.key, _bytes(mark), claim.etag)
        except Exception as error:
            # Whatever it is: what the client is told must not become another error for it.
            _log.warning("key not marked", job=claim.uuid, state=state, reason=repr(error))


def _next(mark: Mark | None, fingerprint: str) -> Mark:
    """The same job again, or a new one where the key is bound to none."""
    same = mark is not None and mark.fingerprint == fingerprint
    name = mark.uuid if mark is not None and same else str(uuid.uuid4())
    return Mark(uuid=name, fingerprint=fingerprint, state="sending", turn=_turn())


def _turn() -> str:
    return uuid.uuid4().hex


def _bytes(mark: Mark) -> bytes:
    return mark.encode().encode()
