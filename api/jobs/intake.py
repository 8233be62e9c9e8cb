"""From a request to a job in the queue, whose id the client can be told.

What stands under `jobs/` is put first, then the picture where it came as bytes, then the job is sent. A
replica that dies in between has told nobody; the same request, by its id or its key, goes on from there.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.requests import Request

from api.client import HttpClient
from api.errand import Options
from api.idempotency.claims import Claim, Claims
from api.idempotency.replays import fingerprint
from api.jobs import ids
from api.jobs.book import Entry
from api.jobs.jobs import Jobs
from api.jobs.marker import Order
from api.jobs.outlook import Watch
from api.jobs.sender import Sender
from api.jobs.terms import Terms
from api.submit import Submitter
from api.uploads import Uploads, digest
from wire.names import upload_key, upload_url

Hold = Callable[[str, str], None]
"""Begins to wait here for the answer to a job, by its id and its picture's URL."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants to know, and how; `hold` where it waits for the answer itself."""

    options: Options
    terms: Terms
    client: HttpClient
    hold: Hold | None = None

    def print(self, picture: str) -> str:
        """By which the same request is known again; the picture is `url:…` or `sha256:…`."""
        asked = fingerprint(picture, replace(self.options, persist="each"))
        hook = json.dumps(self.terms.webhook, sort_keys=True)
        text = "\n".join(("job", asked, repr(self.terms.deadline), hook))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Named:
    """A job's id and its request's print; the claim where the request has an Idempotency-Key."""

    uuid: str
    print: str
    claim: Claim | None = None

    @property
    def before(self) -> bool:
        """Whether its key came before."""
        return self.claim is not None and not self.claim.mine


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that is in the queue, or has its answer; `replayed` by a key that came before."""

    entry: Entry
    replayed: bool


class Intake:
    """Takes jobs on. Raises what refuses a request: of its URL, its model, its body, its id; and
    JobExists, IdempotencyMismatch, QueueUnavailable, ShuttingDown; and what `hold` raises."""

    def __init__(
        self,
        submitter: Submitter,
        uploads: Uploads,
        claims: Claims,
        jobs: Jobs,
        sender: Sender,
        outlook: Watch,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._submitter = submitter
        self._uploads = uploads
        self._claims = claims
        self._jobs = jobs
        self._sender = sender
        self._outlook = outlook
        self._now = now

    async def by_url(self, url: str, wanted: Wanted) -> Taken:
        """A job for the picture under this URL."""
        self._submitter.judge(url, wanted.options)
        named = await self._named(f"url:{url}", wanted)
        return await self._sent(await self._entered(named, url, wanted), named, wanted)

    async def by_bytes(self, request: Request, wanted: Wanted) -> Taken:
        """A job for the picture that is this request's body."""
        self._submitter.admit(wanted.options, wanted.client.group)
        found: list[tuple[Entry, Named]] = []

        async def name(picture: bytes) -> str | None:
            named = await self._named(f"sha256:{digest(picture)}", wanted)
            # Before the picture is put: under an id that is another job's stands that job's picture.
            entry = await self._entered(named, upload_url(upload_key(named.uuid)), wanted)
            found.append((entry, named))
            return named.uuid if entry.answer is None else None

        await self._uploads.offer(request, name, wanted.client.group)
        ((entry, named),) = found
        return await self._sent(entry, named, wanted)

    async def _named(self, picture: str, wanted: Wanted) -> Named:
        terms, caller, print_ = wanted.terms, wanted.client.name, wanted.print(picture)
        if terms.id is not None:
            return Named(ids.named(caller, terms.id), print_)
        if terms.key is None:
            return Named(ids.fresh(), print_)
        claim = await self._claims.take(caller, terms.key, print_)
        return Named(claim.uuid, print_, claim)

    async def _entered(self, named: Named, image_url: str, wanted: Wanted) -> Entry:
        terms, client, uuid = wanted.terms, wanted.client, named.uuid
        sender = self._sender
        reply_to = await (sender.outcomes() if wanted.hold is None else sender.responses())
        options = replace(wanted.options, persist="each")
        job = options.job(uuid, image_url, reply_to, terms.deadline)
        hook = True if terms.webhook is not None else None
        order = Order(
            id=terms.id or uuid,
            client=client.name,
            group=client.group,
            submitted=self._now(),
            ahead=(await self._outlook.now()).waiting,
            fingerprint=named.print,
            job=job.model_copy(update={"order": uuid, "hook": hook}),
            webhook=None if terms.webhook is None else dict(terms.webhook),
        )
        return await self._jobs.enter(order, chosen=named.before or terms.id is not None)

    async def _sent(self, entry: Entry, named: Named, wanted: Wanted) -> Taken:
        claim = named.claim
        if claim is not None and named.before and claim.mark.state == "sent":
            return Taken(entry, replayed=True)
        if wanted.hold is not None and entry.answer is None:
            wanted.hold(entry.marker.uuid, entry.marker.image_url)
        # Whoever else has the key may be sending it just now: sent twice it is answered once.
        await self._jobs.send(entry)
        if claim is not None and claim.mine:
            await self._claims.sent(claim)
        return Taken(entry, replayed=named.before)
