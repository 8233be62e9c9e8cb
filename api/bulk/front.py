"""Requests for bulk jobs: what their bodies ask for, under which id, and once for each Idempotency-Key."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from api.bulk import document, manifest
from api.bulk.manifest import Wanted
from api.bulk.progress import BulkStatus
from api.bulk.service import Bulk
from api.client import HttpClient
from api.errand import Options
from api.hooks.wish import Admission, Webhook
from api.idempotency.claims import Claim, Claims
from api.idempotency.replays import fingerprint
from api.jobs import request as one
from api.jobs.terms import Terms
from wire.bulk import fresh_id, id_of
from wire.errors import InvalidParameter

LINES = ("application/x-ndjson", "application/jsonl", "application/ndjson")
JSON = "application/json"
NO_ID = "id: a bulk job is given its id; send an Idempotency-Key to send it once."
NO_LAYER = "layer: a bulk job has labels only."
NEITHER = 'The body must be a list of URLs, {"urls": [...]}, or {"prefix": "s3://bucket/prefix"}.'

Check = Callable[[Options], Awaitable[object]]
"""Raises what refuses a question: a model that there is not, a label that no model knows."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request's body as it came, and what it says: rows where it is JSON lines, else a document."""

    body: bytes
    rows: Sequence[Wanted] | None
    document: Any = None

    @classmethod
    def read(cls, body: bytes, kind: str) -> Self:
        """By its media type; raises InvalidParameter where it cannot be read."""
        if kind in LINES:
            return cls(body, manifest.lines(body))
        return cls(body, None, document.parsed(body, f"The body is no JSON. {NEITHER}"))

    @property
    def is_bulk(self) -> bool:
        """Whether it asks for a bulk job, and not for one picture."""
        found = self.document
        return not isinstance(found, dict) or "urls" in found or "prefix" in found


@dataclass(frozen=True, slots=True)
class Order:
    """What a request asks for: rows, or all pictures under a prefix; with which options, on which terms."""

    options: Options
    terms: Terms
    rows: Sequence[Wanted] = ()
    prefix: str | None = None


class Front:
    """Takes bulk jobs on.

    Args:
        outcomes: gives the name of the queue for answers that nobody waits for.
    """

    def __init__(
        self,
        service: Bulk,
        claims: Claims,
        check: Check,
        admission: Admission,
        outcomes: Callable[[], Awaitable[str]],
    ) -> None:
        self._service = service
        self._claims = claims
        self._check = check
        self._admission = admission
        self._outcomes = outcomes

    async def submit(
        self, sent: Sent, options: Options, terms: Terms, client: HttpClient
    ) -> tuple[BulkStatus, bool]:
        """The bulk job of a request's body, and whether its key came before.

        Args:
            options: of the query; a body that is an object has its own.

        Raises:
            InvalidParameter: of its body.
            ModelNotFound, IdempotencyMismatch, QueueUnavailable, ShuttingDown
            InvalidUrl, Forbidden, UpstreamStatus: of its prefix.
        """
        order = await asyncio.to_thread(read, sent, options, terms)
        await self._check(order.options)
        webhook = await self._webhook(order.terms, client)
        claim = await self._claimed(sent.body, order, client)
        bulk = fresh_id() if claim is None else id_of(claim.uuid)
        if claim is not None and claim.mark.state == "sent" and not claim.mine:
            return await self._service.status(bulk, client.name), True
        told = await self._begun(bulk, order, client, webhook)
        if claim is not None and claim.mine:
            await self._claims.sent(claim)
        return told, claim is not None and not claim.mine

    async def _begun(
        self, bulk: str, order: Order, client: HttpClient, webhook: Webhook | None
    ) -> BulkStatus:
        recorded = replace(order.options, persist="record")
        template = recorded.job(bulk, "", await self._outcomes(), order.terms.deadline)
        if order.prefix is None:
            return await self._service.submit(bulk, order.rows, template, client, webhook)
        return await self._service.submit_prefix(bulk, order.prefix, template, client, webhook)

    async def _webhook(self, terms: Terms, client: HttpClient) -> Webhook | None:
        if terms.webhook is None:
            return None
        webhook = Webhook.model_validate(terms.webhook)
        await self._admission.admit(webhook, client.name)
        return webhook

    async def _claimed(self, body: bytes, order: Order, client: HttpClient) -> Claim | None:
        terms = order.terms
        if terms.key is None:
            return None
        digest = hashlib.sha256(body).hexdigest()
        asked = fingerprint(f"bulk:{digest}", order.options) + repr(terms.deadline)
        known = hashlib.sha256(asked.encode()).hexdigest()
        return await self._claims.take(client.name, terms.key, known)


def read(sent: Sent, options: Options, terms: Terms) -> Order:
    """What a body asks for.

    Raises:
        InvalidParameter: it cannot be; the text says where.
    """
    if sent.rows is not None:
        return Order(options, terms, sent.rows)
    found = sent.document
    if not isinstance(found, dict):
        return Order(options, terms, manifest.listed(found))
    rest = {name: value for name, value in found.items() if name not in ("urls", "prefix")}
    wish = one.read(rest | {"imageUrl": ""})
    _refuse(wish, found)
    order = Order(wish.options, wish.terms(terms.key))
    prefix = found.get("prefix")
    if isinstance(prefix, str):
        return replace(order, prefix=prefix)
    return replace(order, rows=manifest.listed(found.get("urls")))


def _refuse(wish: one.JobRequest, found: dict[str, Any]) -> None:
    if wish.id is not None:
        raise InvalidParameter(NO_ID)
    if wish.layer is not None:
        raise InvalidParameter(NO_LAYER)
    if "urls" in found and "prefix" in found:
        raise InvalidParameter(NEITHER)
