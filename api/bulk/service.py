"""Bulk jobs, as the routes ask for them."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from api.bulk.beginning import Beginning
from api.bulk.books import Books
from api.bulk.counts import Counts
from api.bulk.errands import Errands
from api.bulk.fetching import Fetching
from api.bulk.kept import MOST, BulkJob, Format, Row
from api.bulk.manifest import Judge, Wanted, judged, of_objects
from api.bulk.open import Unfinished
from api.bulk.progress import BulkStatus, ended, under_way
from api.bulk.so_far import SoFar
from api.bulk.tally import Tally
from api.hooks.wish import Webhook
from api.limits.places import Places
from wire.bulk import retry_id
from wire.errors import InvalidParameter
from wire.inputs import Inputs, is_input
from wire.messages import Job
from wire.store import Store

# A group of its own, so that a client's questions do not stand behind ten thousand rows of its own.
BESIDE = ".bulk"
REMINDER = 5.0  # seconds that a job which is complete may take to end
REMEMBERED = 100
TOP = 20  # labels of a row: ten thousand rows of a thousand labels would be a gigabyte
READERS, SHARE = 2, 1  # that have all results of a job in memory at once, and of one client
READING = "Results of another bulk job are being read for you; ask again when they have come."
NOTHING = "There are no pictures under this prefix."

Outlook = Callable[[int], Awaitable[float | None]]


class Client(Protocol):
    """Who asks: by which name, and in which group his messages travel."""

    @property
    def name(self) -> str: ...

    @property
    def group(self) -> str | None: ...


class Bulk:
    """Submits, tells, ends.

    Args:
        inputs: reads buckets of others.
        judge: refuses URLs by their text.
        outlook: in how many seconds so many more rows will be done; None where that is not known.
        now: seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        books: Books,
        counts: Counts,
        errands: Errands,
        unfinished: Unfinished,
        inputs: Inputs,
        judge: Judge,
        outlook: Outlook,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._books = books
        self._counts = counts
        self._errands = errands
        self._fetching = Fetching(store, books)
        self._beginning = Beginning(books, errands, unfinished)
        self._unfinished = unfinished
        self._inputs = inputs
        self._judge = judge
        self._outlook = outlook
        self._now = now
        self._places = Places(READERS, SHARE, READING)
        self._so_far = SoFar(books, self._places)
        self._complete: dict[str, float] = {}  # since when, or when that was last said

    async def submit(
        self,
        bulk: str,
        wanted: Sequence[Wanted],
        template: Job,
        client: Client,
        webhook: Webhook | None = None,
    ) -> BulkStatus:
        """A bulk job of these rows, under this id; done again, it is the same one.

        Args:
            template: what its rows' jobs have in common.

        Raises:
            InvalidParameter: more labels than a row may have.
            RateLimited: as many of the client's are not finished as may be.
            QueueUnavailable, ShuttingDown
        """
        _check(template)
        if await self._beginning.again(bulk, client.name):
            return await self.status(bulk, client.name)
        # As many URLs take a tenth of a second to judge: not on the event loop.
        rows = await asyncio.to_thread(judged, wanted, self._judged)
        job = self._job(bulk, rows, template, client)
        return await self._begin(job.model_copy(update={"webhook": webhook}), rows)

    async def submit_prefix(
        self,
        bulk: str,
        prefix: str,
        template: Job,
        client: Client,
        webhook: Webhook | None = None,
    ) -> BulkStatus:
        """The same for all objects under an `s3://bucket/prefix`, in the order of their keys.

        Raises:
            InvalidUrl: it is none.
            Forbidden: the bucket is not one of those that may be read.
            InvalidParameter: there are no objects, or too many.
            UpstreamStatus: S3 does not let us list them.
            QueueUnavailable, ShuttingDown
        """
        _check(template)
        if await self._beginning.again(bulk, client.name):
            return await self.status(bulk, client.name)
        place = self._inputs.check(prefix)
        keys = await self._inputs.keys(prefix, MOST)
        if not keys:
            raise InvalidParameter(NOTHING)
        if len(keys) > MOST:
            raise InvalidParameter(
                f"There are more than {MOST} pictures there; name longer prefixes."
            )
        rows = await asyncio.to_thread(of_objects, place.bucket, keys)
        job = self._job(bulk, rows, template, client)
        return await self._begin(
            job.model_copy(update={"source": prefix, "webhook": webhook}), rows
        )

    async def retry(self, bulk: str, client: Client) -> BulkStatus:
        """A new bulk job of those rows of an ended one that have failed; the same one however often this is
        called.

        Raises:
            JobNotFound, JobUnfinished, QueueUnavailable, ShuttingDown
            InvalidParameter: none has.
            Overloaded, RateLimited: as many are reading results as may.
        """
        job, summary = await self._fetching.finished(bulk, client.name)
        if await self._beginning.again(retry_id(bulk), client.name):
            return await self.status(retry_id(bulk), client.name)
        with self._places.take(client.group):
            was = await self._fetching.failed(bulk, summary)
            rows = await asyncio.to_thread(judged, was, self._judged)
            new = self._job(retry_id(bulk), rows, job.template, client)
            same = {"retry_of": bulk, "webhook": job.webhook}
            return await self._begin(new.model_copy(update=same), rows)

    async def status(self, bulk: str, client: str) -> BulkStatus:
        """How far it is.

        Raises:
            JobNotFound, QueueUnavailable
        """
        job, verdict = await self._books.known(bulk, client)
        if verdict is None:
            tally = await self._counts.tally(job)
            if tally.complete:
                await self._remind(bulk)
            return under_way(job, tally, await self._outlook(tally.rows - tally.done))
        summary = await self._books.summary(bulk)
        tally = await self._counts.tally(job) if summary is None else Tally(job.rows)
        return ended(job, verdict, summary, tally)

    async def cancel(self, bulk: str, client: str) -> BulkStatus:
        """No more rows are sent, and those in the queue are answered unworked. What has ended stays as it is.

        Raises:
            JobNotFound, QueueUnavailable, ShuttingDown
        """
        await self._books.known(bulk, client)
        verdict = await self._books.decide(bulk, "canceled")
        # Asked again, in case the first one came no further.
        if verdict.state == "canceled" and await self._books.summary(bulk) is None:
            await self._errands.finish(bulk)
        return await self.status(bulk, client)

    async def delete(self, bulk: str, client: str) -> None:
        """Forget it, and cancel what is left of it. Raises as `cancel` does."""
        job, verdict = await self._books.known(bulk, client)
        all_came = verdict is not None and verdict.state in ("succeeded", "failed")
        await self._errands.erase(bulk, 0.0 if all_came else job.until)
        await self._books.strike(bulk)
        await self._unfinished.leave(job)
        self._counts.forget(bulk)

    async def results(
        self, bulk: str, client: str, form: Format
    ) -> tuple[int, AsyncIterator[bytes]]:
        """The results, as `Fetching.stream` gives them."""
        return await self._fetching.stream(bulk, client, form)

    async def results_so_far(self, bulk: str, client: Client) -> AsyncIterator[bytes]:
        """Lines of the rows that have an outcome, as `SoFar.stream` gives them; raises JobNotFound too."""
        job, _ = await self._books.known(bulk, client.name)
        return await self._so_far.stream(job, client.group)

    async def _remind(self, bulk: str) -> None:
        """Whoever stored the last row may have died before he said so."""
        now = time.monotonic()
        if len(self._complete) > REMEMBERED:
            self._complete.clear()
        if now - self._complete.setdefault(bulk, now) > REMINDER:
            self._complete[bulk] = now
            await self._errands.finish(bulk)

    def _judged(self, url: str) -> object:
        return self._inputs.check(url) if is_input(url) else self._judge(url)

    def _job(self, bulk: str, rows: Sequence[Row], template: Job, client: Client) -> BulkJob:
        now = self._now()
        return BulkJob(
            uuid=bulk,
            listing=secrets.token_hex(8),
            rows=len(rows),
            refused=sum(row.refused is not None for row in rows),
            template=template.model_copy(update={"uuid": bulk, "order": bulk}),
            client=client.name,
            group=None if client.group is None else f"{client.group}{BESIDE}",
            submitted=now,
            until=now + template.deadline,
        )

    async def _begin(self, job: BulkJob, rows: Sequence[Row]) -> BulkStatus:
        job = await self._beginning.begin(job, rows)
        return under_way(job, Tally(job.rows), await self._outlook(job.rows))


def _check(template: Job) -> None:
    if template.top > TOP:
        raise InvalidParameter(f"top: at most {TOP} in a bulk job.")
