"""`python -m balancer`: the first workers, then the service. SIGTERM and SIGINT end it, workers first."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence

from balancer import policies
from balancer.fleet import Fleet, Order
from balancer.fleets.dry_run import DryRunFleet
from balancer.fleets.process import OPERATOR, FolderInUse, ProcessFleet
from balancer.metrics import Metrics
from balancer.plan import Limits, Policy
from balancer.prometheus import PrometheusMetrics
from wire import log
from wire.settings import BalancerSettings, SettingsError, load

_log = log.get(__name__)


async def run(
    settings: BalancerSettings,
    decide: tuple[Policy, Limits],
    fleet: Fleet,
    sinks: Sequence[Metrics],
) -> None:
    """Run until told to stop; the fleet is closed whatever happens."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        # Only where a lock on the workers' folder proves that nobody else leads.
        if settings.fleet == "process":
            await _start_least(fleet, _least(settings, decide[1]))
        # boto3 and all that needs it take the better part of a second to import: the workers load
        # meanwhile.
        from balancer.service import serve

        # What was imported stays; nobody need ever look through it for garbage.
        gc.freeze()
        gc.enable()
        ended = await serve(settings, decide, fleet, sinks, stop)
    finally:
        _log.info("balancer stops")
        await fleet.close()
    if not ended:
        # The interpreter would join threads that wait for a dead endpoint; nothing is left to do.
        logging.shutdown()
        os._exit(0)


async def _start_least(fleet: Fleet, least: int) -> None:
    # Workers take seconds to load their models, and need no queue for that: the first ones start with
    # the service, not after it.
    missing = least - len(await fleet.workers())
    if missing > 0:
        await fleet.launch(Order(missing))


def _least(settings: BalancerSettings, limits: Limits) -> int:
    copy = settings.fleet_dir / OPERATOR
    if not copy.exists():
        return limits.min_workers
    from balancer.ruling import copied, over

    ruling = copied(copy)
    return 0 if ruling.paused else over(ruling, limits).min_workers


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
        qos=settings.qos,
        min_workers=settings.min_workers,
        max_workers=settings.max_workers,
        scaling_factor=settings.scaling_factor,
        kill_all_delay=settings.kill_all_delay,
        target_wait=settings.target_wait,
        deadline=settings.wait,
        scale_in_delay=settings.scale_in_delay,
        boot_seconds=settings.boot_seconds,
        service_seconds=settings.service_seconds,
        tick=settings.tick,
    )


def _fleet(settings: BalancerSettings) -> Fleet:
    match settings.fleet:
        case "process":
            return ProcessFleet(settings.fleet_dir, settings.stop_grace)
        case "ec2":
            # It brings boto3, which the process fleet's first workers do not wait for.
            from balancer.fleets.ec2 import open_fleet
            from wire.aws import Aws

            return open_fleet(settings, Aws(settings.region))
        case "dry-run":
            return DryRunFleet()


def main() -> None:
    gc.disable()
    try:
        settings = load(BalancerSettings)
        log.configure("balancer", settings.log_level)
        policies.check(settings)
        decide = (policies.find(settings.policy), _limits(settings))
        if settings.budget is not None and settings.fleet != "ec2":
            _log.warning("the budget limits nothing: only workers of fleet ec2 have a price")
        sinks = _scraped(settings.metrics_port)
        fleet = _fleet(settings)
    except (SettingsError, FolderInUse, ValueError, OSError) as error:
        sys.exit(f"balancer: {error}")
    asyncio.run(run(settings, decide, fleet, sinks))


if __name__ == "__main__":
    main()
