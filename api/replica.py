"""One replica of the front end: its parts, wired once, and its life from start to shutdown."""

import asyncio
import contextlib

from api.access.callers import Limit
from api.access.guard import Access
from api.access.keyholder import Keyholder
from api.access.policy import HoldersOnly, Public
from api.collect import Collector
from api.connection import Connection, Lines
from api.drain import Drain
from api.idempotency.claims import Claims
from api.idempotency.replays import Idempotency, stale
from api.late import Late
from api.limits.rates import Limits
from api.limits.siblings import Siblings
from api.lookup import GRACE
from api.metrics import Metrics
from api.models import Models
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

    def __init__(self, settings: ApiSettings, queues: Queues, store: Store, models: Models) -> None:
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
        claims = Claims(store, settings.job_deadline + GRACE, stale(settings.wait))
        self.idempotency = Idempotency(store, claims, self.pending, self.late, settings.wait)
        self.collector = Collector(
            self.pending, self.late, self.submitter.hosts, self.metrics, settings.poll_wait
        )
        self.reporter = Reporter(self.connection, self.pending, self.submitter, settings.heartbeat)
        self.keys = Keyholder(store)
        self.siblings = Siblings(queues, names.responses_prefix)
        self.metrics.watch_access(self.keys.age, lambda: self.siblings.count)
        self.access = _access(settings, self.keys, self.siblings)

    def start(self) -> None:
        """Open the queues and collect, in the background; requests may come in at once."""
        self._collecting = asyncio.create_task(self._collect())
        self._heart = asyncio.create_task(self.reporter.run())
        beside = (self.keys.run(), self.models.follow(self.store), self._count())
        self._watching = [asyncio.create_task(each) for each in beside]

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
        await drain.run()

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
    policy = Public() if settings.access == "public" else HoldersOnly()
    return Access(policy, keys, limits, settings.proxies)
