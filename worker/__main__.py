"""`python -m worker`: one worker; a setting is CLASSIFYCLOUD_<NAME>.

Exit statuses:
    0    it was told to go (a terminate message, a notice of EC2, SIGTERM, Ctrl-C) and has gone: it held
         nothing, or gave back what it could not finish. Nobody should start it again; an instance whose
         worker ends so powers off.
    1    a part of it broke, or a thread hung. Another start may help.
    2    a setting, the model or this system's decoders cannot be used. Another start will not help.
    130  a second Ctrl-C ended it where it stood.
"""

import asyncio
import gc
import sys
from concurrent.futures import Future
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from classifier.errors import ClassifierError
from wire import log, tracing
from wire.names import QueueNames
from wire.runner import runner, settled
from wire.settings import SettingsError, WorkerSettings, load
from wire.turns import take_long_ones
from worker.bundled import BundleLoader
from worker.capacity import Capacity, capacity
from worker.cores import usable
from worker.decoder.nursery import Nursery
from worker.farewell import Unawaited, leave
from worker.first import begin, bring, first_model, terms_of
from worker.models import Model

INDEX_PATIENCE = 10.0  # seconds without the store until a worker begins with what its folder has

logger = log.get("worker")


def main() -> int:
    """Run one worker until it is told to go; the exit status."""
    gc.disable()  # what is imported stays
    take_long_ones()
    try:
        settings = load(WorkerSettings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    log.configure("worker", settings.log_level, settings.worker_id)
    try:
        tracing.begin("worker", settings, settings.worker_id)
    except SettingsError as error:
        logger.error("no traces can be kept", error=str(error))
        return 2
    size = capacity(usable(), settings)
    logger.info("sized for the cores that may be used", **size.why)
    try:
        with runner() as running:
            nursery = Nursery(terms_of(settings))
            bring(settings.engine)
            loading = begin(partial(first_model, settings, size.engine_threads))
            status = running.run(live(settings, size, nursery, loading))
    except Exception:
        logger.exception("a part of the worker broke")
        status = 1
    tracing.end()
    return leave(status)


async def live(
    settings: WorkerSettings,
    size: Capacity,
    nursery: Nursery,
    loading: Future[tuple[BundleLoader, Model]],
) -> int:
    """Boot, work, end; the exit status."""
    # Here, because they take as long to import as the model to load, which has begun.
    from wire.index_store import IndexCopy
    from wire.topology import open_shared
    from worker.assembly import Means, assemble, decoders_of, fetcher_of, host_of, reach
    from worker.connect import connect
    from worker.decoder.pool import NoDecoder
    from worker.lifecycle import obey_signals, unless_told
    from worker.reporter import Reporter
    from worker.shelf.shelved import shelved
    from worker.shift import Shift
    from worker.tally import Tally

    asyncio.get_running_loop().set_default_executor(Unawaited())
    shift, tally = Shift(size.prefetch), Tally()
    obey_signals(shift)
    async with AsyncExitStack() as ending:
        decoders = decoders_of(settings, size.decoders, nursery, ending)
        opening = asyncio.create_task(decoders.open())
        ending.callback(opening.cancel)
        host = host_of(settings, ending)
        settling = asyncio.create_task(host.settle(shift))
        queues, store = reach(settings, ending)
        gc.enable()  # from now on it may wait for long
        names = QueueNames(settings.deployment)
        shared = await connect(lambda: open_shared(queues, names, settings.visibility), shift)
        if shared is None:
            return 0
        sender = settings.worker_id or await host.name()
        reporter = Reporter(shared.reports, sender, shift, tally, settings.heartbeat)
        await reporter.say("started")
        copy = IndexCopy(store)
        preparing, reading = map(asyncio.ensure_future, (store.prepare(), copy.read()))
        means = Means(settings, size, host, queues, shared, store, shift, tally, decoders, ending)
        fetcher = fetcher_of(means)
        loaded = asyncio.wrap_future(loading)
        # All, whatever becomes of one: decoders that are left while they come would complain.
        await asyncio.wait((loaded, opening, preparing))
        try:
            load_model, model = loaded.result()
            _ = opening.result(), preparing.result()
        except (ClassifierError, NoDecoder, SettingsError) as error:
            logger.error("no model, nothing to decode with, or no way to S3", error=str(error))
            await _dropped(preparing, reading)
            await reporter.say("stopped")
            return 2
        models = shelved(settings, store, load_model, model, copy, sender)
        await unless_told(shift, models.open(INDEX_PATIENCE, reading))
        lifecycle = assemble(means, fetcher, models, model, reporter)
        await settling
        settled()
        await lifecycle.run(host.boot_seconds())
    return 0


async def _dropped(*begun: "asyncio.Future[Any]") -> None:
    for each in begun:
        each.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main())
