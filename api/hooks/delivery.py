"""The chore of telling what became of a job: signed, once for each end that was asked for, and tried again
until it is heard.

Exactly once cannot be had: a replica that is killed between the receiver's answer and its own note sends the
same again, under the same `webhook-id`.
"""

import json
import math
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from api.chores.consumer import Later
from api.chores.desk import Told
from api.hooks.ledger import Busy, Ledger, Line, Turn
from api.hooks.secrets import Secrets
from api.hooks.signature import signed
from api.hooks.subjects import Find, Subject
from api.limits.places import Places
from wire import log, urls
from wire.errors import Overloaded, RateLimited
from wire.messages import Chore
from wire.queues import Received

AT_ONCE, OF_ONE_HOST = 10, 2  # messages of one replica
CROWDED, MOST_CROWDED = 1.5, 300.0  # seconds, doubling: many may wait for one slow host
RENEWED = 50  # receives, of the 100 that a chore has: it goes on as a new message
LONGEST = 3 * 3600.0  # seconds between two tries
GONE = 410
# Of one try: heard; to be tried again; the receiver is none that may be dialed; it wants no more; the last.
OUTCOMES = ("delivered", "failed", "refused", "gone", "given_up")
_log = log.get(__name__)


class NotTold(Exception):
    """The receiver did not answer; the text says why, without an address."""


class Refused(NotTold):
    """The receiver is where none may be, by its address or port."""


class Send(Protocol):
    """Sends one message; see `api.hooks.post`."""

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of its answer; raises NotTold."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds before the second try; each later pause is twice as long, LONGEST at most, less up to a half at
    random. After so many tries it is given up."""

    first: float
    tries: int

    def pause(self, tried: int) -> float:
        most = min(LONGEST, self.first * 2.0 ** min(tried - 1, 30))
        return most * random.uniform(0.5, 1.0)  # noqa: S311


class Delivery:
    """Does `webhook` chores.

    Args:
        find: what is to be told.
        renew: puts a chore into the queue.
        now: seconds since the epoch.

    `counts` are tries since the start, by their outcome.
    """

    def __init__(
        self,
        find: Find,
        secrets: Secrets,
        ledger: Ledger,
        send: Send,
        patience: Patience,
        renew: Callable[[Chore], Awaitable[None]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._find = find
        self._secrets = secrets
        self._ledger = ledger
        self._send = send
        self._patience = patience
        self._renew = renew
        self._now = now
        self._places = Places(AT_ONCE, OF_ONE_HOST)
        self.counts = Counter(dict.fromkeys(OUTCOMES, 0))

    async def __call__(self, chore: Chore, received: Received) -> None:
        """Return once nothing is to be told any more; raises Later for another try, Undecodable."""
        if received.receive_count >= RENEWED:
            await self._renew(chore)
            return
        subject = await self._find(chore.read(Told).job)
        if subject is None or subject.state not in subject.webhook.events:
            return
        try:
            with self._places.take(urls.place(subject.webhook.url)):
                await self._take(subject)
        except (Overloaded, RateLimited) as error:
            most = min(MOST_CROWDED, CROWDED * 2.0 ** min(received.receive_count, 20))
            raise Later(most * random.uniform(0.5, 1.0)) from error  # noqa: S311

    async def _take(self, subject: Subject) -> None:
        turn = await self._ledger.take(subject.job, subject.state)
        if isinstance(turn, Busy):
            # The store's clock has whole seconds; to ask more often would only use the chore's receives up.
            raise Later(1.0 + math.ceil(turn.seconds))
        if turn is not None:
            line = await self._told(subject, turn)
            await self._ledger.note(turn, line)
            if not line.over:
                raise Later(1.0 + math.ceil(line.pause))

    async def _told(self, subject: Subject, turn: Turn) -> Line:
        """One try, and what came of it."""
        about = {"job": subject.job, "state": subject.state, "tried": turn.tried}
        try:
            status = await self._sent(subject)
        except NotTold as error:
            _log.info("webhook not delivered", **about, reason=str(error))
            return self._again(turn, None, "refused" if isinstance(error, Refused) else "failed")
        if 200 <= status < 300:
            self.counts["delivered"] += 1
            _log.info("webhook delivered", **about, status=status)
            return Line(by=turn.by, phase="told", tried=turn.tried, status=status)
        _log.info("webhook not delivered", **about, status=status)
        if status == GONE:
            self.counts["gone"] += 1
            return Line(by=turn.by, phase="gone", tried=turn.tried, status=status)
        return self._again(turn, status, "failed")

    async def _sent(self, subject: Subject) -> int:
        keys = await self._secrets.of(subject.client)
        if not keys:
            raise NotTold("there is no secret to sign with")
        now, body = self._now(), told(subject)
        headers = signed(keys, name(subject), int(now), body)
        return await self._send(subject.webhook.url, headers, body)

    def _again(self, turn: Turn, status: int | None, outcome: str) -> Line:
        last = turn.tried >= self._patience.tries
        self.counts["given_up" if last else outcome] += 1
        if last:
            _log.warning("webhook given up", key=turn.key, tried=turn.tried, status=status)
            return Line(by=turn.by, phase="given up", tried=turn.tried, status=status)
        pause = self._patience.pause(turn.tried)
        return Line(by=turn.by, phase="waiting", tried=turn.tried, pause=pause, status=status)


def name(subject: Subject) -> str:
    """The `webhook-id`: one for each job and end, however often it is sent."""
    return f"{subject.job}.{subject.state}"


def told(subject: Subject) -> bytes:
    """The body: the same however often it is sent."""
    document = {"type": f"job.{subject.state}", "data": subject.document}
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
