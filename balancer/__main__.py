"""`python -m balancer`: the first workers, then the service. SIGTERM and SIGINT end it, workers first."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence

from balancer import policies
from balancer.fleet import Fleet, Order
from balancer.fleets.dry_run import DryRunFleet
from balancer.fleets.process import FolderInUse, ProcessFleet
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
        await _start_least(fleet, decide[1])
        # boto3 and all that needs it take the better part of a second to import: the workers load
        # meanwhile.
        from balancer.service import serve

        ended = await serve(settings, decide, fleet, sinks, stop)
    finally:
        _log.info("balancer stops")
        await fleet.close()
    if not ended:
        # The interpreter would join threads that wait for a dead endpoint; nothing is left to do.
        logging.shutdown()
        os._exit(0)


async def _start_least(fleet: Fleet, limits: Limits) -> None:
    # Workers take seconds to load their models, and need no queue for that: the first ones start with
    # the service, not after it.
    missing = limits.min_workers - len(await fleet.workers())
    if missing > 0:
        await fleet.launch(Order(missing))


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
