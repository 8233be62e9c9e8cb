"""The balancer's parts wired together and run, once the first workers are on their way."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from balancer.act import Actor
from balancer.cloudwatch import CloudWatchMetrics
from balancer.fleet import Fleet
from balancer.inbox import Inbox
from balancer.ledger import Ledger
from balancer.loop import Balancer, Tell
from balancer.metrics import Metrics, figures
from balancer.observe import Observer
from balancer.patience import Patience
from balancer.plan import Limits, Plan, Policy, Snapshot
from balancer.reaper import Reaper
from balancer.replicas import Replicas
from balancer.ticks import ticks
from balancer.watch import MISSED_LOOKS, Watch, freshness
from wire import log
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.names import QueueNames
from wire.queues import QueueMissing, QueueNameBusy
from wire.settings import BalancerSettings
from wire.sqs import SqsQueues
from wire.store import S3Store
from wire.topology import Shared, open_shared

Decide = tuple[Policy, Limits]
Sinks = Sequence[Metrics]

CLOCK = time.monotonic
CLOSING = 3.0  # seconds for calls to AWS that are still open
# Whoever missed two heartbeats and some may be gone; a shorter patience would end the living.
MISSED = 2.5
_log = log.get(__name__)


async def serve(
    settings: BalancerSettings, decide: Decide, fleet: Fleet, sinks: Sinks, stop: asyncio.Event
) -> bool:
    """Balance until `stop`; returns whether every call to AWS has ended.

    A call that an endpoint does not answer is abandoned CLOSING seconds after `stop`.
    """
    # The store has threads of its own: pictures' answers never wait behind reports, nor these for them.
    clients = aws, storage = Aws(settings.region), Aws(settings.region, polls=1, calls=4)
    queues, store = SqsQueues(aws), S3Store(storage, settings.bucket)
    cloudwatch = CloudWatchMetrics(aws, settings.deployment)
    try:
        async with _ending(stop, CLOSING):
            shared = await _opened(queues, settings, stop)
            if shared is not None:
                watch = Watch(CLOCK(), freshness(settings.tick))
                replicas = Replicas(watch, settings.heartbeat)
                every = [*sinks, cloudwatch]
                balancer = _balancer(settings, decide, fleet, shared, replicas, watch, every)
                reaper = _reaper(settings, queues, store, shared, replicas)
                _log.info("balancer starts", fleet=settings.fleet, policy=settings.policy)
                async with asyncio.TaskGroup() as group:
                    group.create_task(balancer.run(settings.tick, stop))
                    group.create_task(reaper.run(settings.tick, stop))
                    group.create_task(cloudwatch.run(stop))
            await queues.close()
            await asyncio.gather(*(client.close() for client in clients))
    except TimeoutError:
        _log.warning("calls to AWS abandoned: they were not answered")
        return False
    return True


@asynccontextmanager
async def _ending(stop: asyncio.Event, seconds: float) -> AsyncIterator[None]:
    """Once `stop` is set the body has that many seconds left; then it is TimeoutError."""
    async with asyncio.timeout(None) as limit:

        async def bound() -> None:
            await stop.wait()
            limit.reschedule(asyncio.get_running_loop().time() + seconds)

        told = asyncio.create_task(bound())
        try:
            yield
        finally:
            told.cancel()


async def _opened(
    queues: SqsQueues, settings: BalancerSettings, stop: asyncio.Event
) -> Shared | None:
    """The shared queues as soon as they can be reached; None when stopped before."""
    async for _ in ticks(1.0, stop):
        try:
            return await open_shared(queues, QueueNames(settings.deployment), settings.visibility)
        except (QueueUnavailable, QueueMissing, QueueNameBusy) as error:
            _log.warning("waiting for the queues", fault=repr(error.__cause__ or error))
    return None


def _balancer(
    settings: BalancerSettings,
    decide: Decide,
    fleet: Fleet,
    shared: Shared,
    replicas: Replicas,
    watch: Watch,
    sinks: Sinks,
) -> Balancer:
    ledger = Ledger()
    inbox = Inbox(shared.reports, shared.dead_letter, CLOCK)
    observer = Observer(fleet, shared.requests, inbox, ledger, replicas, watch)
    silence = max(settings.silence, MISSED * settings.heartbeat)
    patience = Patience(settings.boot_grace, silence, settings.stop_grace)
    actor = Actor(fleet, shared.terminate, ledger, watch, patience)
    return Balancer(observer, *decide, actor, _teller(ledger, sinks), CLOCK)


def _reaper(
    settings: BalancerSettings,
    queues: SqsQueues,
    store: S3Store,
    shared: Shared,
    replicas: Replicas,
) -> Reaper:
    names = QueueNames(settings.deployment)
    # What the living said can be read that much later.
    unread = MISSED_LOOKS * settings.tick
    after = max(settings.reap_after, MISSED * settings.heartbeat + unread)
    return Reaper(queues, names, store, shared.dead_letter, replicas, after, CLOCK)


def _teller(ledger: Ledger, sinks: Sinks) -> Tell:
    counted = 0

    def tell(saw: Snapshot, done: Plan) -> None:
        nonlocal counted
        found = figures(saw, done, ledger.served - counted)
        counted = ledger.served
        for sink in sinks:
            sink.record(found)

    return tell
