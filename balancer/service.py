"""The balancer's life: open what it needs, run, give everything back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from botocore.config import Config

from balancer.cloudwatch import CloudWatchMetrics
from balancer.ear import LONGEST
from balancer.fleet import Fleet
from balancer.metrics import Metrics
from balancer.plan import Limits, Policy
from balancer.ticks import ticks
from balancer.wiring import Parts, wire
from wire import log
from wire.aws import Aws
from wire.errors import QueueUnavailable
from wire.names import QueueNames
from wire.queues import Queue, QueueMissing, QueueNameBusy
from wire.settings import BalancerSettings
from wire.sqs import SqsQueues
from wire.store import S3Store
from wire.topology import Shared, open_reports, open_shared

Decide = tuple[Policy, Limits]

CLOSING = 3.0  # seconds for calls to AWS that are still open
# The lease is renewed every 5 s, and all that S3 is asked for is asked again: no call may take longer.
IMPATIENT = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1})
# No tick may take as long as a lease, and most of a tick's calls are to SQS.
PROMPT = Config(
    connect_timeout=3, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2}
)
# The one poll that is long, with a thread of its own.
PATIENT = Config(
    connect_timeout=3,
    read_timeout=LONGEST + 4,
    retries={"mode": "standard", "total_max_attempts": 1},
)
# A thread for each call that can be open at once, ten of the reaper's among them: a renewal never waits.
STATE_CALLS = 16
_log = log.get(__name__)


async def serve(
    settings: BalancerSettings,
    decide: Decide,
    fleet: Fleet,
    sinks: Sequence[Metrics],
    stop: asyncio.Event,
) -> bool:
    """Balance until `stop`; returns whether every call to AWS has ended.

    A call that an endpoint does not answer is abandoned CLOSING seconds after `stop`, a long poll at once.
    """
    # The store has threads of its own: pictures' answers never wait behind reports, nor these for them.
    clients = aws, storage = Aws(settings.region), Aws(settings.region, polls=1, calls=STATE_CALLS)
    queues, store = SqsQueues(aws, PROMPT), S3Store(storage, settings.bucket, IMPATIENT)
    cloudwatch = CloudWatchMetrics(aws, settings.deployment)
    patient = partial(_patient, settings)
    left_behind = False
    try:
        async with _ending(stop, CLOSING):
            shared = await _opened(queues, settings, stop)
            if shared is not None:
                sinks = [*sinks, cloudwatch]
                parts = wire(settings, decide, fleet, sinks, shared, queues, store, patient)
                _log.info("balancer starts", fleet=settings.fleet, policy=settings.policy)
                await _run(parts, cloudwatch, settings.tick, stop)
                left_behind = parts.ear.open
            await queues.close()
            await asyncio.gather(*(client.close() for client in clients))
    except TimeoutError:
        _log.warning("calls to AWS abandoned: they were not answered")
        return False
    return not left_behind


async def _patient(settings: BalancerSettings) -> Queue:
    # Not before it is needed, and beside the loop: a client takes a while to make.
    aws = Aws(settings.region, polls=1, calls=1)
    queues = await asyncio.to_thread(SqsQueues, aws, PATIENT)
    return await open_reports(queues, QueueNames(settings.deployment))


async def _run(
    parts: Parts, cloudwatch: CloudWatchMetrics, period: float, stop: asyncio.Event
) -> None:
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.leader.run(stop))
        group.create_task(parts.reaper.run(period, stop))
        group.create_task(parts.paperwork.run(over))
        group.create_task(cloudwatch.run(stop))
        await parts.balancer.run(period, stop)
        over.set()
    # Last of all: whoever leads next reads what was written until then.
    await parts.leader.release()


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
