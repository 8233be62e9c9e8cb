"""Everything between the requests queue and the reply queues, wired once."""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from classifier.limits import ImageLimits
from wire.aws import Aws
from wire.inputs import Allowed, Inputs
from wire.leases import Keeper, stall_of
from wire.names import QueueNames
from wire.outside.guard import SystemResolver
from wire.queues import Queues
from wire.settings import WorkerSettings
from wire.sqs import SqsQueues
from wire.store import S3Store, Store
from wire.topology import Shared
from worker.batcher import Batcher
from worker.breaker import Breaker
from worker.capacity import Capacity, appetite
from worker.decoder.nursery import Nursery
from worker.decoder.pool import Bounds, Decoders
from worker.effects import Effects
from worker.farewell import within
from worker.fetch import Fetcher, Limits
from worker.first import terms_of
from worker.host import Host, Process
from worker.journey import Journey
from worker.lanes import Lanes
from worker.layers import Layers, readable_layers
from worker.lifecycle import Lifecycle
from worker.lookout import Lookout
from worker.loop import Loop
from worker.models import Model
from worker.pictures import Pictures
from worker.places import Places
from worker.quarantine import Quarantine
from worker.records import Records
from worker.reporter import Reporter
from worker.retry import Tries
from worker.seen import SeenPictures, Unseen
from worker.shelf.service import InService
from worker.shift import Shift
from worker.shown import Page, Shown
from worker.tally import Tally
from worker.trial import Trial
from worker.watchdog import Watchdog
from worker.work import Work
from worker.working import Working


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker is made with; `ending` closes what was opened."""

    settings: WorkerSettings
    capacity: Capacity
    host: Host
    queues: Queues
    shared: Shared
    store: Store
    shift: Shift
    tally: Tally
    decoders: Decoders
    ending: AsyncExitStack


def host_of(settings: WorkerSettings, ending: AsyncExitStack) -> Host:
    """An instance where there is a metadata service, a mere process elsewhere."""
    host: Host = Process()
    if settings.imds:
        # Nothing of it is needed elsewhere.
        from worker.ec2 import Instance
        from worker.imds import Imds

        host = Instance(Imds(settings.imds))
    ending.push_async_callback(within, host.close)
    return host


def reach(settings: WorkerSettings, ending: AsyncExitStack) -> tuple[Queues, S3Store]:
    """The ways to SQS and S3."""
    # Each with threads of its own: a store that hangs must not hold up replies and leases.
    sqs, s3 = Aws(settings.region, polls=2), Aws(settings.region, polls=1, calls=8)
    queues = SqsQueues(sqs)
    for each in (s3, sqs, queues):
        ending.push_async_callback(within, each.close)
    return queues, S3Store(s3, settings.bucket)


def decoders_of(
    settings: WorkerSettings, places: int, nursery: Nursery, ending: AsyncExitStack
) -> Decoders:
    """The processes that decode pictures, out of a nursery that was begun before."""
    limits = ImageLimits(settings.max_pixels, settings.max_side)
    bounds = Bounds(limits, 2 * settings.decoder_seconds, settings.decoder_seconds)
    decoders = Decoders(places, terms_of(settings), bounds, nursery=nursery)
    ending.callback(decoders.close)
    return decoders


def assemble(
    means: Means, fetcher: Fetcher, models: InService, first: Model, reporter: Reporter
) -> Lifecycle:
    """A worker that is ready, and has its first model."""
    settings, shift, shared = means.settings, means.shift, means.shared
    stall = stall_of(settings.fetch_timeout)
    keeper, watchdog = Keeper(shared.requests, settings.visibility, stall=stall), Watchdog()
    batcher = Batcher(settings.batch, watchdog, only=lambda: shift.busy == 1)
    quarantine = Quarantine(means.store)
    means.ending.callback(batcher.close)
    work = _work(means, fetcher, models, batcher, quarantine, watchdog)
    journey = Journey(
        QueueNames(settings.deployment),
        keeper,
        shift,
        quarantine,
        work,
        _effects(means),
        means.tally,
        settings.visibility,
    )
    wait = max(1, settings.poll_wait)
    held = appetite_of(settings, means.capacity, first)
    loop = Loop(shared.requests, shift, journey, means.tally, wait, held)
    beside = [batcher.run(), keeper.run(), watchdog.run(), means.decoders.watch(), models.run()]
    beside += [Working(means.store, shift).run(), *means.host.watches(shift)]
    beside += _shown(means, batcher.lanes, lambda: first.lanes, reporter.sender)
    return Lifecycle(shift, loop, _lookout(means, wait), reporter, beside, settings.stop_grace)


def _shown(
    means: Means, lanes: Lanes, cores: Callable[[], int], sender: str
) -> list[Coroutine[Any, Any, None]]:
    settings = means.settings
    if settings.worker_metrics is None:
        return []

    def page() -> Page:
        # A worker that nobody scrapes does without what makes it.
        from worker.figures import Figures

        return Figures(sender, means.shift, means.tally, lanes, cores).page()

    return [Shown(settings.worker_metrics, page, sender, settings.worker_targets).run()]


def appetite_of(
    settings: WorkerSettings, size: Capacity, model: Model
) -> Callable[[float | None], int]:
    """Messages to hold at a pace, with this model's engine; a `prefetch` that is set is taken as it is."""
    if settings.prefetch:
        return lambda _: size.prefetch
    computing = size.decoders + model.lanes * (settings.batch or model.portion)
    # An accelerator's batches may be larger than what its machine's few cores would have it hold.
    most = max(size.prefetch, 2 * computing)
    return partial(appetite, most=most, in_work=size.fetchers + computing)


def _work(
    means: Means,
    fetcher: Fetcher,
    models: InService,
    batcher: Batcher,
    quarantine: Quarantine,
    watchdog: Watchdog,
) -> Work:
    settings = means.settings
    layers = Layers(watchdog, lambda: readable_layers(settings))
    means.ending.callback(layers.close)
    return Work(
        models,
        Pictures(fetcher.fetch, means.store, settings.max_bytes, _inputs(means).get),
        batcher,
        quarantine,
        Places(means.capacity.fetchers),
        Breaker(rest=settings.fetch_timeout),
        means.capacity.decoders,
        means.decoders.prepare,
        moved=means.shift.moved,
        trial=Trial(),
        layers=layers,
        tries=Tries(settings.fetch_tries, settings.fetch_timeout),
        seen=SeenPictures(settings.seen_answers) if settings.seen_answers else Unseen(),
    )


def _inputs(means: Means) -> Inputs:
    settings, seconds = means.settings, means.settings.fetch_timeout
    allowed = Allowed(settings.input_buckets, settings.bucket)
    # A thread for each place among the fetchers: what no bucket has all of there it has not all of here.
    fetchers = means.capacity.fetchers
    return Inputs(settings.region, allowed, settings.max_bytes, seconds, fetchers)


def _lookout(means: Means, wait: float) -> Lookout:
    settings, host = means.settings, means.host
    return Lookout(
        means.shared.terminate,
        means.shift,
        wait,
        settings.terminate_every,
        settings.terminate_after,
        paid_for=lambda: settings.paid_minute - host.age(),
    )


def _effects(means: Means) -> Effects:
    return Effects(
        means.queues,
        means.shared.requests,
        means.shared.dead_letter,
        means.store,
        Records(means.store),
        by_picture=means.settings.record == "picture",
    )


def fetcher_of(means: Means) -> Fetcher:
    """What gets pictures; the roots that it trusts take a while to read."""
    settings, fetchers = means.settings, means.capacity.fetchers
    resolver = SystemResolver(3 * fetchers)
    fetcher = Fetcher(
        resolver,
        frozenset(settings.fetch_allow),
        Limits(settings.fetch_timeout, settings.max_bytes, settings.max_redirects),
        connections=fetchers,
    )
    means.ending.callback(resolver.close)
    means.ending.push_async_callback(within, fetcher.close)
    return fetcher
