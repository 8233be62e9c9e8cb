"""`python -m balancer`: everything is wired here, once. SIGTERM and SIGINT end it, workers first."""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence

from balancer import policies
from balancer.act import Actor
from balancer.cloudwatch import CloudWatchMetrics
from balancer.fleet import Fleet
from balancer.fleets.dry_run import DryRunFleet
from balancer.fleets.process import FolderInUse, ProcessFleet
from balancer.inbox import Inbox
from balancer.ledger import Ledger
from balancer.loop import Balancer, Tell
from balancer.metrics import Metrics, figures
from balancer.observe import Observer
from balancer.patience import Patience
from balancer.plan import Limits, Plan, Policy, Snapshot
from balancer.prometheus import PrometheusMetrics
from balancer.reaper import Reaper
from balancer.replicas import Replicas
from balancer.ticks import ticks
from balancer.watch import MISSED_LOOKS, Watch, freshness
from wire import log
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.names import QueueNames
from wire.queues import QueueMissing, QueueNameBusy
from wire.settings import BalancerSettings, SettingsError, load
from wire.sqs import SqsQueues
from wire.store import S3Store
from wire.topology import Shared, open_shared

Decide = tuple[Policy, Limits]
Sinks = Sequence[Metrics]

CLOCK = time.monotonic
# Whoever missed two heartbeats and some may be gone; a shorter patience would end the living.
MISSED = 2.5
_log = log.get(__name__)


async def run(settings: BalancerSettings, decide: Decide, fleet: Fleet, sinks: Sinks) -> None:
    """Run until told to stop; the fleet is closed whatever happens."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    aws = Aws(settings.region)
    queues = SqsQueues(aws)
    cloudwatch = CloudWatchMetrics(aws, settings.deployment)
    try:
        await _start_least(fleet, decide[1])
        shared = await _opened(queues, settings, stop)
        if shared is None:
            return
        watch = Watch(CLOCK(), freshness(settings.tick))
        replicas = Replicas(watch, settings.heartbeat)
        balancer = _balancer(settings, decide, fleet, shared, replicas, watch, [*sinks, cloudwatch])
        store = S3Store(aws, settings.bucket)
        reaper = _reaper(settings, queues, store, shared, replicas)
        _log.info("balancer starts", fleet=settings.fleet, policy=settings.policy)
        async with asyncio.TaskGroup() as group:
            group.create_task(balancer.run(settings.tick, stop))
            group.create_task(reaper.run(settings.tick, stop))
            group.create_task(cloudwatch.run(stop))
    finally:
        _log.info("balancer stops")
        await fleet.close()
        await queues.close()
        await aws.close()


async def _start_least(fleet: Fleet, limits: Limits) -> None:
    # Workers take seconds to load their models, and need no queue for that: the first ones start with
    # the service, not after it.
    missing = limits.min_workers - len(await fleet.workers())
    if missing > 0:
        await fleet.launch(missing)


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


def _scraped(port: int | None) -> list[Metrics]:
    if port is None:
        return []
    metrics = PrometheusMetrics()
    try:
        metrics.serve(port)
    except OSError as error:
        raise SettingsError(f"CLASSIFYCLOUD_METRICS_PORT={port}: {error.strerror}") from error
    return [metrics]


def _limits(settings: BalancerSettings) -> Limits:
    return Limits(
        settings.qos,
        settings.min_workers,
        settings.max_workers,
        settings.scaling_factor,
        settings.kill_all_delay,
    )


def _fleet(settings: BalancerSettings) -> Fleet:
    if settings.fleet == "dry-run":
        return DryRunFleet()
    return ProcessFleet(settings.fleet_dir, settings.stop_grace)


def main() -> None:
    try:
        settings = load(BalancerSettings)
        log.configure("balancer", settings.log_level)
        decide = (policies.find(settings.policy), _limits(settings))
        sinks = _scraped(settings.metrics_port)
        fleet = _fleet(settings)
    except (SettingsError, FolderInUse, ValueError, OSError) as error:
        sys.exit(f"balancer: {error}")
    asyncio.run(run(settings, decide, fleet, sinks))


if __name__ == "__main__":
    main()
