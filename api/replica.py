"""One replica of the front end: its parts, wired once, and its life from start to shutdown."""

import asyncio
import contextlib

from api.access.callers import Limit
from api.access.guard import Access
from api.access.keyholder import Keyholder
from api.access.policy import HoldersAndVisitors, HoldersOnly, Policy, Public
from api.bulk.wiring import bulk_jobs
from api.chores.desk import Desk
from api.chores.wiring import Means, consumers
from api.collect import Collector
from api.connection import Connection, Lines
from api.drain import Drain
from api.idempotency.claims import Claims
from api.idempotency.replays import Idempotency, stale
from api.jobs.states import GRACE
from api.jobs.wiring import job_parts
from api.late import Late
from api.limits.rates import Limits
from api.limits.siblings import Siblings
from api.metrics import Metrics
from api.models import Models
from api.operate.feed import Past
from api.operate.history import NOTHING
from api.operate.wiring import operating
from api.pending import GOING, Pending
from api.repeats.memory import Memory
from api.repeats.once import Always, Asking, Once
from api.reports import Reporter
from api.submit import Submitter
from wire import log
from wire.errors import QueueUnavailable, ServiceError, ShuttingDown
from wire.names import QueueNames
from wire.queues import QueueMissing, Queues
from wire.settings import ApiSettings
from wire.store import Store

_log = log.get(__name__)


class Replica:
    """Everything behind the routes. Made inside a running event loop."""

    def __init__(
        self,
        settings: ApiSettings,
        queues: Queues,
        store: Store,
        models: Models,
        past: Past = NOTHING,
    ) -> None:
        self.settings = settings
        self.store = store
        self.models = models
        self.metrics = Metrics()
        self.pending = Pending(settings.max_pending, _share(settings))
        self.metrics.watch(self.pending.__len__, self.pending.oldest)
        self.late = Late(store, settings.job_deadline)
        names = QueueNames(settings.deployment)
        self.connection = Connection(queues, names, settings.visibility)
        self.submitter = Submitter(
            settings, self.connection, self.pending, self.late, store, models
        )
        self.asking = _asking(settings, self.submitter, self.metrics)
        self.claims = Claims(store, settings.job_deadline + GRACE, stale(settings.wait))
        self.idempotency = Idempotency(store, self.claims, self.pending, self.late, settings.wait)
        self.collector = Collector(
            self.pending, self.late, self.submitter.hosts, self.metrics, settings.poll_wait
        )
        self.desk = Desk(self.connection)
        self.jobs = job_parts(store, self.connection, self.desk, self.submitter)
        self.bulk = bulk_jobs(settings, store, self.connection, self.desk, self.jobs)
        durable = consumers(
            Means(settings, self.connection, store, self.desk, self.jobs, self.bulk)
        )
        self._outcomes, self._chores = durable.outcomes, durable.chores
        self.metrics.watch_durable(
            {"outcomes": self._outcomes.counts, "chores": self._chores.counts}, durable.webhooks
        )
        self.reporter = Reporter(self.connection, self.pending, self.submitter, settings.heartbeat)
        self.keys = Keyholder(store)
        self.siblings = Siblings(queues, names.responses_prefix)
        self.metrics.watch_access(self.keys.age, lambda: self.siblings.count)
        self.access = _access(settings, self.keys, self.siblings)
        self.operating = operating(
            settings, self.access, queues, store, past, self.metrics, self.reporter, self.keys
        )

    def start(self) -> None:
        """Open the queues and collect, in the background; requests may come in at once."""
        self._collecting = asyncio.create_task(self._collect())
        self._heart = asyncio.create_task(self.reporter.run())
        beside = (self.keys.run(), self.models.follow(self.store), self._count())
        self._watching = [asyncio.create_task(each) for each in beside]
        self._consuming = asyncio.create_task(self._consume())

    def fault(self) -> ServiceError | None:
        """Why no traffic should come here just now; None when it should."""
        if self.pending.closed:
            return ShuttingDown(GOING)
        if self.connection.current is None or self._collecting.done():
            return QueueUnavailable()
        if not self.collector.reachable:
            return QueueUnavailable()
        return self.access.fault()

    async def stop(self) -> None:
        """Go: returns once every client that waited has its answer or its 503."""
        self.jobs.following.close()
        self.operating.feed.close()
        for task in (self._heart, *self._watching):
            task.cancel()
        drain = Drain(
            self.connection,
            self.pending,
            self.late,
            self.collector,
            self.reporter,
            self._collecting,
            self.settings.drain_grace,
        )
        await asyncio.gather(drain.run(), self._stop_consuming())

    async def _consume(self) -> None:
        await self.connection.decided()
        if (lines := self.connection.current) is not None:
            dead_letter, durable = lines.shared.dead_letter, lines.durable
            await asyncio.gather(
                self._outcomes.run(durable.outcomes, dead_letter),
                self._chores.run(durable.chores, dead_letter),
            )

    async def _stop_consuming(self) -> None:
        grace = self.settings.drain_grace
        await asyncio.gather(self._outcomes.stop(grace), self._chores.stop(grace))
        await self.bulk.stop()
        self._consuming.cancel()

    async def _collect(self) -> None:
        while not self.collector.stopping:
            lines = await self.connection.connect()
            _log.info("queues open", replica=lines.replica, responses=lines.responses.name)
            await self.reporter.tell("started")
            await self._resend(lines)
            await self.reporter.tell("ready")
            # A replica that was silent for long, on a laptop that slept, finds its queue reaped.
            with contextlib.suppress(QueueMissing):
                await self.collector.run(lines)

    async def _count(self) -> None:
        # Not before its own queue is there to be counted.
        await self.connection.decided()
        await self.siblings.run()

    async def _resend(self, lines: Lines) -> None:
        try:
            await self.submitter.resend(lines)
        except (QueueUnavailable, QueueMissing) as error:
            _log.warning("jobs not sent again", reason=repr(error))
        except Exception:
            _log.exception("jobs not sent again")


def _share(settings: ApiSettings) -> int:
    if settings.client_jobs is None:
        return max(1, settings.max_pending // 4)
    return settings.client_jobs


def _asking(settings: ApiSettings, submitter: Submitter, metrics: Metrics) -> Asking:
    if settings.cache_seconds == 0:
        return Always(submitter)
    return Once(submitter, Memory(settings.cache_seconds, settings.cache_answers), metrics)


def _access(settings: ApiSettings, keys: Keyholder, siblings: Siblings) -> Access:
    limits = Limits(
        Limit(settings.key_rate, settings.key_burst),
        Limit(settings.address_rate, settings.address_burst),
        lambda: siblings.count,
    )
    return Access(_policy(settings, siblings), keys, limits, settings.proxies)


def _policy(settings: ApiSettings, siblings: Siblings) -> Policy:
    if settings.access == "public":
        return Public()
    if settings.visitors:
        return HoldersAndVisitors(settings.visitors, lambda: siblings.count)
    return HoldersOnly()
