"""From a request to an answer: judge it, send it as a job, wait.

The wait is a future that `api.collect` settles; a client that leaves takes its place in the table
along, its job goes on.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Iterable
from typing import Any

from api.client import Client, ClientGone
from api.connection import Connection, Lines
from api.errand import Errand as Errand
from api.errand import Options as Options
from api.jobs.lately import Lately
from api.late import Late
from api.limits.hosts import Hosts
from api.models import Models
from api.pending import Pending, Waiting
from wire import log, tracing, urls
from wire.errors import QueueUnavailable, TimedOut
from wire.messages import Answer, Job
from wire.names import upload_key, upload_url
from wire.queues import QueueMissing
from wire.settings import ApiSettings
from wire.store import Store

OPENING = 30.0  # seconds that a request waits for queues that are not open yet
COMPANY = 0.06  # seconds
CROWD = 24  # requests that wait for their answers; more than a worker of two cores has in work
SENDING = 15.0  # seconds that sending may take, with every retry
_log = log.get(__name__)


class Submitter:
    """Sends jobs and waits for them. `submitted` counts what SQS has taken, whatever is sent anew included.

    Every question raises the `ServiceError` that its client is to read: refusals of the URL,
    ModelNotFound, Overloaded, ShuttingDown, QueueUnavailable, TimedOut, and what the worker reports;
    and ClientGone when nobody reads any more.
    """

    def __init__(
        self,
        settings: ApiSettings,
        connection: Connection,
        pending: Pending,
        late: Late,
        store: Store,
        models: Models,
    ) -> None:
        self._settings = settings
        self._allow = frozenset(settings.fetch_allow)
        self._connection = connection
        self._pending = pending
        self._late = late
        self._store = store
        self._models = models
        self.hosts = Hosts(settings.host_jobs, settings.job_deadline)
        self.submitted = 0
        self.left = Lately()  # of these, those that nobody waits for
        self.sent = asyncio.Event()  # set with every job; whoever waits for it clears it

    def admit(self, options: Options, group: str | None = None) -> None:
        """Refuse early what will be refused anyway, before a body is read."""
        self._models.check(options.model, options.model_version)
        self._pending.admit(group)

    def judge(self, url: str, options: Options) -> urls.Target:
        """Refuse what can be refused by its text."""
        target = urls.check(url, self._allow)
        self._models.check(options.model, options.model_version)
        return target

    async def by_url(
        self, url: str, options: Options, client: Client, name: str | None = None
    ) -> Answer:
        """What is in the picture under this URL. The job's id is `name`, or a new one."""
        return await self.run(self.errand(url, options, name), client)

    def errand(self, url: str, options: Options, name: str | None = None) -> Errand:
        """A job to be sent for a picture under a URL, if that is not to be refused."""
        target = self.judge(url, options)
        return Errand(name or str(uuid.uuid4()), url, options, self.now(), target)

    def now(self) -> float:
        """The time by which requests wait, in monotonic seconds."""
        return self._pending.now()

    def is_open(self, errand: Errand) -> bool:
        """Whether one more may wait for its answer: others do, it has not come, and the job is young enough
        not to run out of time before its client does."""
        if errand.sending is None or (errand.sending.done() and not _went_well(errand.sending)):
            return False
        beside = self._pending.of(errand.uuid)
        if all(each.answer.done() for each in beside):
            return False
        return self.now() - errand.begun <= self._settings.job_deadline / 2

    async def run(self, errand: Errand, client: Client) -> Answer:
        """The answer to an errand, which goes on for as long as one of those who run it waits."""
        assert errand.target is not None  # noqa: S101
        holding = self._pending.hold(errand.uuid, errand.url, client.group)
        with self.hosts.hold(errand.target, errand.uuid) as place, holding as waiting:
            try:
                return await self._ask(waiting, errand, client)
            finally:
                if waiting.job is not None:
                    place.leave()

    async def by_upload(self, name: str, options: Options, client: Client) -> Answer:
        """What is in the picture kept under this id, which becomes the job's. It goes with its verdict."""
        key = upload_key(name)
        waiting: Waiting | None = None
        try:
            with self._pending.hold(name, upload_url(key), client.group) as waiting:
                errand = Errand(name, waiting.image_url, options, waiting.since)
                return await self._ask(waiting, errand, client)
        finally:
            if waiting is None or waiting.job is None:
                with contextlib.suppress(QueueUnavailable):
                    await self._store.delete(key)

    async def by_kept_upload(self, name: str, options: Options, client: Client) -> Answer:
        """The same for a picture that others may want: it stays where the job was not sent, for
        somebody else may be sending that job just now, and it is his picture too."""
        url = upload_url(upload_key(name))
        with self._pending.hold(name, url, client.group) as waiting:
            errand = Errand(name, url, options, waiting.since)
            return await self._ask(waiting, errand, client)

    async def resend(self, lines: Lines) -> None:
        """Ask again for all whose answers were to come to a former queue, which is gone."""
        everybody = (*self._pending.all(), *self._late.all())
        unanswered = [each for each in everybody if _elsewhere(each.job, lines)]
        for waiting in unanswered:
            waiting.job = _redirected(waiting.job, lines)
        for group, jobs in _by_group(unanswered).items():
            await lines.shared.requests.send_many(jobs, group)
            self.submitted += len(jobs)

    async def _ask(self, waiting: Waiting, errand: Errand, client: Client) -> Answer:
        try:
            await self._sent(waiting, errand)
        except BaseException:
            waiting.job = None
            raise
        client.carries(waiting.uuid)
        answer = await self._answer(waiting, client)
        if answer.error is not None:
            raise answer.error.raised()
        return answer

    async def _sent(self, waiting: Waiting, errand: Errand) -> None:
        """Return once the job is in the queue. What ends the wait, an answer or a shutdown, may come before
        SQS has acknowledged; whoever began to send may leave and others still wait."""
        if errand.sending is None:
            errand.sending = asyncio.create_task(self._send(errand, waiting.group))
            errand.sending.add_done_callback(_went_well)
        sending = errand.sending
        either: list[asyncio.Future[Any]] = [sending, waiting.answer]
        errand.company += 1
        try:
            if not sending.done():
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if sending.cancelled():
                _forgiven(waiting)
            elif sending.done():
                sending.result()
        finally:
            errand.company -= 1
            # Who is sent home is told under which id the answer will be found: that job has to go.
            errand.promised |= waiting.answer.done()
            # A shutdown takes all out of the table at once, and each leaves here at a time of its own.
            if not (sending.done() or errand.company or errand.promised):
                sending.cancel()

    async def _send(self, errand: Errand, group: str | None) -> None:
        wait = self._settings.wait
        lines = await self._connection.lines(min(OPENING, wait))
        job = errand.options.job(
            errand.uuid, errand.url, lines.responses.name, self._settings.job_deadline
        )
        self._assign(errand, job)
        try:
            with tracing.span("submit", job=job.uuid):
                async with asyncio.timeout(min(SENDING, wait)):
                    await lines.shared.requests.send(job.encode(), group, self._patience())
        except (QueueMissing, TimeoutError) as error:
            self._assign(errand, None)
            raise QueueUnavailable from error
        except Exception:  # canceled, it may have got through, and has had its answer
            self._assign(errand, None)
            raise
        _log.routine("job sent", job=job.uuid)
        self.took()

    def took(self, count: int = 1) -> None:
        """SQS has taken so many more jobs."""
        self.submitted += count
        self.sent.set()

    def _patience(self) -> float:
        """Seconds that a job may wait for others to share its call: with so many ahead, it waits anyway."""
        return COMPANY if len(self._pending) >= CROWD else 0.0

    def _assign(self, errand: Errand, job: Job | None) -> None:
        for each in self._pending.of(errand.uuid):
            each.job = job

    async def _answer(self, waiting: Waiting, client: Client) -> Answer:
        gone = asyncio.ensure_future(client.gone())
        either: list[asyncio.Future[Any]] = [waiting.answer, gone]
        try:
            await asyncio.wait(
                either,
                timeout=max(0.0, self._settings.wait - self._pending.waited(waiting)),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            gone.cancel()
        if waiting.answer.done():
            took = self._pending.waited(waiting) * 1000
            return _timed(waiting.answer.result(), took)
        if gone.done() and not gone.cancelled():
            raise ClientGone
        # Out of the table and expected by the store in one step: an answer that comes while the
        # marker is written must find one of the two.
        if self._pending.leave_unanswered(waiting):
            self._late.expect(waiting)
            await self._late.mark(waiting)
        raise TimedOut


def _went_well(sending: asyncio.Task[None]) -> bool:
    return not sending.cancelled() and sending.exception() is None


def _forgiven(waiting: Waiting) -> None:
    """The cancellation of what sends is not that of a request that waits for it: an answer counts."""
    if not waiting.answer.done():
        raise QueueUnavailable


def _by_group(unanswered: Iterable[Waiting]) -> dict[str | None, list[str]]:
    groups: dict[str | None, list[str]] = {}
    for waiting in {each.uuid: each for each in unanswered}.values():
        if waiting.job is not None:
            groups.setdefault(waiting.group, []).append(waiting.job.encode())
    return groups


def _elsewhere(job: Job | None, lines: Lines) -> bool:
    return job is not None and job.reply_to != lines.responses.name


def _redirected(job: Job | None, lines: Lines) -> Job | None:
    return job and job.model_copy(update={"reply_to": lines.responses.name})


def _timed(answer: Answer, total_ms: float) -> Answer:
    timings = answer.timings.model_copy(update={"total_ms": round(total_ms, 3)})
    return answer.model_copy(update={"timings": timings})
