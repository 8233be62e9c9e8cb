"""Idempotency-Key: a request that comes again gets the answer to the first, and sends no second job.

The job of a keyed request is worked with `persist: "each"`: its answer stands under `results/` before it
is sent, and every replica finds it there.
"""

import asyncio
import contextlib
import hashlib
import json
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from api.client import Client, ClientGone
from api.idempotency.claims import Claim, Claims
from api.idempotency.watches import Found, Watches, stored
from api.late import Late
from api.pending import Pending
from api.submit import OPENING, SENDING, Options
from api.uploads import STORING
from wire.errors import InvalidParameter, ShuttingDown, TimedOut
from wire.messages import Answer
from wire.sieve import Sieve
from wire.store import Store

HEADER = "Idempotency-Key"
SYNTAX = r"^[\x21-\x7e]{1,255}$"
UNSENT = "No answer came, and the job may not have been sent; ask again under the same key."
MARKING = 10.0  # seconds that a mark may take to be written

Ask = Callable[[str, Client], Awaitable[Answer]]


def checked(keys: list[str]) -> str | None:
    """The request's key out of its headers of that name; None when there is none.

    Raises:
        InvalidParameter: several keys, or one that is empty, too long, or not visible ASCII.
    """
    if not keys:
        return None
    if len(keys) > 1 or not re.fullmatch(SYNTAX, keys[0]):
        raise InvalidParameter(f"{HEADER}: one, of 1 to 255 visible ASCII characters.")
    return keys[0]


def stale(wait: float) -> float:
    """Seconds after which a job that nobody said was sent is not being sent any more."""
    return min(OPENING, wait) + min(SENDING, wait) + STORING


def fingerprint(picture: str, options: Options) -> str:
    """What makes two requests the same: the picture, by `url:…` or `sha256:…`, and all options that decide
    the answer."""
    deciding = {name: value for name, value in asdict(options).items() if name != "fresh"}
    if options.layer is None:  # as every question was before there were layers
        del deciding["layer"]
    if options.sieve is None:  # and sieves
        del deciding["sieve"]
    asked = json.dumps([picture, deciding], sort_keys=True, default=_plain)
    return hashlib.sha256(asked.encode()).hexdigest()


def _plain(sieve: Sieve) -> dict[str, Any]:
    return sieve.model_dump()


@dataclass(frozen=True, slots=True)
class Begun:
    """A keyed request: its job, and the answer where there is one already."""

    claim: Claim
    answer: Answer | None

    @property
    def may_send(self) -> bool:
        """Whether it may fall to this request to send the job; then its picture must be in the store."""
        return self.answer is None and not self.claim.under_way


class Idempotency:
    """Answers keyed requests.

    Args:
        wait: seconds that a client is kept waiting.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        store: Store,
        claims: Claims,
        pending: Pending,
        late: Late,
        wait: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._claims = claims
        self._pending = pending
        self._late = late
        self._wait = wait
        self._clock = clock
        self._watches = Watches(store, claims, pending)
        self._marking: set[asyncio.Task[None]] = set()

    async def begin(self, caller: str, key: str, print_: str, group: str | None) -> Begun:
        """Look the key up, or make it ours. Raises as `Claims.take`, and as `Pending.admit`."""
        self._pending.admit(group)
        claim = await self._claims.take(caller, key, print_)
        if claim.mine and not claim.reused:
            return Begun(claim, None)
        try:
            return Begun(claim, await stored(self._store, claim.uuid))
        except BaseException:
            await self.abandon(Begun(claim, None))
            raise

    async def abandon(self, begun: Begun) -> None:
        """The job is not to be sent by this request after all."""
        if begun.claim.mine:
            await asyncio.shield(self._mark(self._claims.free(begun.claim)))

    async def finish(self, begun: Begun, image_url: str, client: Client, ask: Ask) -> Answer:
        """The answer: stored, or that of the job which `ask` sends.

        Args:
            ask: sends the job under the id it is given and waits for its answer.

        Raises:
            ServiceError: what the worker reported, first or again; what `ask` raises; TimedOut.
        """
        began = self._clock()
        claim, answer = begun.claim, begun.answer
        if answer is None and not claim.mine:
            claim, answer = await self._awaited(begun, image_url, client)
        if answer is None:
            return await self._ask(claim, client, ask)
        if claim.mine:  # it had been sent after all
            self._mark(self._claims.sent(claim))
        client.carries(claim.uuid)
        client.replayed()
        if answer.error is not None:
            raise answer.error.raised()
        took = round((self._clock() - began) * 1000, 3)
        timings = answer.timings.model_copy(update={"total_ms": took})
        return answer.model_copy(update={"timings": timings})

    async def _ask(self, claim: Claim, client: Client, ask: Ask) -> Answer:
        told = _Told(client, lambda: self._mark(self._claims.sent(claim)))
        try:
            return await ask(claim.uuid, told)
        finally:
            if not told.sent:
                await asyncio.shield(self._mark(self._claims.free(claim)))

    def _mark(self, writing: Awaitable[None]) -> asyncio.Task[None]:
        # Not waited for: the answer need not come later for it, and a leaving client not end it.
        async def bounded() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MARKING):
                    await writing

        task = asyncio.create_task(bounded())
        self._marking.add(task)
        task.add_done_callback(self._marking.discard)
        return task

    async def _awaited(self, begun: Begun, image_url: str, client: Client) -> Found:
        """The answer to somebody else's job, or the job itself when it has fallen to us.

        Has a place in the table like any request, under a name of its own: the first one may be there.
        """
        name = f"{begun.claim.uuid}-{random.randbytes(8).hex()}"  # noqa: S311
        with self._pending.hold(name, image_url, client.group) as waiting:
            gone = asyncio.ensure_future(client.gone())
            try:
                with self._watches.join(begun.claim, begun.may_send) as found:
                    either: list[asyncio.Future[Any]] = [found, waiting.answer, gone]
                    await asyncio.wait(
                        either, timeout=self._wait, return_when=asyncio.FIRST_COMPLETED
                    )
                    if found.done():  # first: a job that has fallen to us must be sent by us
                        return found.result()
                if gone.done():
                    raise ClientGone
                if waiting.answer.done():  # a shutdown: nobody else settles this one
                    waiting.answer.result()
                self._pending.leave_unanswered(waiting)
                raise TimedOut
            except (TimedOut, ShuttingDown) as told:
                # Whoever was to send the job may have failed to: an id would keep the client from
                # asking again under its key, and so from having it sent.
                if not await self._claims.is_sent(begun.claim):
                    raise type(told)(UNSENT) from told
                # Not before: an id that is told must be one that can be asked for.
                await self._late.mark(replace(waiting, uuid=begun.claim.uuid))
                client.carries(begun.claim.uuid)
                raise
            finally:
                gone.cancel()


class _Told:
    """A client, and whether its job was sent; satisfies `Client`."""

    def __init__(self, client: Client, on_sent: Callable[[], object]) -> None:
        self._client = client
        self._on_sent = on_sent
        self.sent = False

    @property
    def group(self) -> str | None:
        return self._client.group

    def carries(self, uuid: str) -> None:
        self.sent = True
        self._client.carries(uuid)
        self._on_sent()

    def replayed(self) -> None:
        self._client.replayed()

    def gone(self) -> Awaitable[None]:
        return self._client.gone()
