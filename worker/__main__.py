"""`python -m worker`: one worker. Wires everything once; a setting is CLASSIFYCLOUD_<NAME>."""

import asyncio
import sys
import time
import uuid
from contextlib import AsyncExitStack

from classifier.errors import ClassifierError
from wire import log
from wire.aws import Aws
from wire.leases import Keeper
from wire.names import QueueNames
from wire.queues import Queues
from wire.settings import SettingsError, WorkerSettings, load
from wire.sqs import SqsQueues
from wire.store import S3Store, Store
from wire.topology import Shared, open_shared
from worker import STARTED
from worker.batcher import Batcher
from worker.connect import connect
from worker.effects import Effects
from worker.farewell import Unawaited, leave, within
from worker.fetch import Fetcher, Limits
from worker.guard import SystemResolver
from worker.journey import Journey
from worker.lifecycle import Lifecycle, obey_signals
from worker.lookout import Lookout
from worker.loop import Loop
from worker.models import BundleLoader, Model, Models
from worker.pictures import Pictures
from worker.quarantine import Quarantine
from worker.records import Records
from worker.reporter import Reporter
from worker.shift import Shift
from worker.tally import Tally
from worker.watchdog import Watchdog
from worker.work import Work

logger = log.get("worker")


def main() -> int:
    """Run one worker until it is told to go; the exit status."""
    try:
        settings = load(WorkerSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    log.configure("worker", settings.log_level)
    try:
        status = asyncio.run(live(settings))
    except Exception:
        logger.exception("a part of the worker broke")
        status = 1
    return leave(status)


async def live(settings: WorkerSettings) -> int:
    """Boot, work, end; the exit status."""
    asyncio.get_running_loop().set_default_executor(Unawaited())
    shift = Shift(settings.prefetch)
    obey_signals(shift)
    loading = asyncio.create_task(asyncio.to_thread(_first_model, settings))
    async with AsyncExitStack() as ending:
        queues, store = _reach(settings, ending)
        names = QueueNames(settings.deployment)
        shared = await connect(lambda: open_shared(queues, names, settings.visibility), shift)
        if shared is None:
            return 0
        sender, tally = settings.worker_id or f"worker-{uuid.uuid4().hex[:12]}", Tally()
        reporter = Reporter(shared.reports, sender, shift, tally, settings.heartbeat)
        await reporter.say("started")
        try:
            load_model, model = await loading
        except ClassifierError as error:
            logger.error("the model cannot be loaded", error=str(error))
            await reporter.say("stopped")
            return 2
        models = Models(load_model)
        models.hold(model)
        lifecycle = assemble(
            settings, shared, queues, store, models, shift, tally, reporter, ending
        )
        await lifecycle.run(time.monotonic() - STARTED)
    return 0


def _reach(settings: WorkerSettings, ending: AsyncExitStack) -> tuple[Queues, Store]:
    # Each with threads of its own: a store that hangs must not hold up replies and leases.
    sqs, s3 = Aws(settings.region, polls=2), Aws(settings.region, polls=1, calls=8)
    queues = SqsQueues(sqs)
    for each in (s3, sqs, queues):
        ending.push_async_callback(within, each.close)
    return queues, S3Store(s3, settings.bucket)


def assemble(
    settings: WorkerSettings,
    shared: Shared,
    queues: Queues,
    store: Store,
    models: Models,
    shift: Shift,
    tally: Tally,
    reporter: Reporter,
    ending: AsyncExitStack,
) -> Lifecycle:
    """Everything between the requests queue and the reply queues."""
    keeper, watchdog = Keeper(shared.requests, settings.visibility), Watchdog()
    batcher, quarantine = Batcher(settings.batch, watchdog), Quarantine(store)
    effects = _effects(settings, queues, shared, store)
    work = Work(
        models,
        Pictures(_fetcher(settings, ending).fetch, store, settings.max_bytes),
        batcher,
        quarantine,
        settings.fetchers,
        settings.decoders,
        moved=shift.moved,
        watchdog=watchdog,
    )
    ending.callback(batcher.close)
    ending.callback(work.close)
    names = QueueNames(settings.deployment)
    journey = Journey(names, keeper, shift, quarantine, work, effects, tally, settings.visibility)
    wait = max(1, settings.poll_wait)
    loop = Loop(shared.requests, shift, journey, tally, wait)
    lookout = Lookout(
        shared.terminate, shift, wait, settings.terminate_every, settings.terminate_after
    )
    background = [batcher.run(), keeper.run(), watchdog.run()]
    return Lifecycle(shift, loop, lookout, reporter, background)


def _effects(settings: WorkerSettings, queues: Queues, shared: Shared, store: Store) -> Effects:
    return Effects(
        queues,
        shared.requests,
        shared.dead_letter,
        store,
        Records(store),
        by_picture=settings.record == "picture",
    )


def _fetcher(settings: WorkerSettings, ending: AsyncExitStack) -> Fetcher:
    resolver = SystemResolver(settings.fetchers)
    fetcher = Fetcher(
        resolver,
        frozenset(settings.fetch_allow),
        Limits(settings.fetch_timeout, settings.max_bytes, settings.max_redirects),
        connections=settings.fetchers,
    )
    ending.callback(resolver.close)
    ending.push_async_callback(within, fetcher.close)
    return fetcher


def _first_model(settings: WorkerSettings) -> tuple[BundleLoader, Model]:
    loader = BundleLoader(
        settings.models,
        settings.model,
        settings.max_pixels,
        settings.engine_threads,
        settings.cache,
    )
    return loader, loader(None, None)


if __name__ == "__main__":
    sys.exit(main())
