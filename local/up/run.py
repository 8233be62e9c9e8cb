"""`classifycloud up`: everything wired once, and run."""

import asyncio
import os
from itertools import islice
from pathlib import Path

from local.up import targets
from local.up.console import Console
from local.up.environment import child_environment, local_aws
from local.up.errors import DataUnusable, PortInUse
from local.up.faulty import with_faults
from local.up.lock import locked
from local.up.options import Options, Service, defaults
from local.up.parts import Graces, Ports, service_parts
from local.up.ports import LOOPBACK, free, is_free
from local.up.scaling import FleetNews
from local.up.serve import House, clear, serve
from local.up.watch import everything
from local.up.welcome import PHOTO, near, service_url, welcome, welcome_with_keys

LOADTEST_PHOTOS = f"{LOOPBACK}:8099"  # where `classifycloud loadtest` serves its photos
# Seconds beyond a part's own grace before it is killed. Every step after it is bounded: the api's marks of
# unanswered jobs, queues, last responses, closing; the balancer's calls to AWS, and its workers, which let
# go of what they hold or are forced to. test_parts.py adds them up.
API_MARGIN = 35.0
BALANCER_MARGIN = 60.0


def run(options: Options) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    Raises:
        UpError: it cannot be started; the text says why and what to do.
        SettingsError: a variable has a value that cannot be used.
    """
    service = Service.read(options)
    data = _prepared(options.data)
    console = Console()
    with locked(data):
        clear(data, console)
        try:
            asyncio.run(serve(_house(options, service, data), console))
        finally:
            targets.clear(data)


def _house(options: Options, service: Service, data: Path) -> House:
    ports = _ports(service)
    url = service_url(service.api.host, ports.api)
    targets.leave(data, ports, url)
    greeting = welcome if service.public else welcome_with_keys
    parts = service_parts(data, ports, url, service.api.bucket, graces(service))
    return House(
        parts if options.faults is None else with_faults(parts, options.faults),
        _environment(options, service, data, ports),
        data,
        greeting(url, ports.samples_address, near(PHOTO, Path.cwd()), options.data),
        everything if options.verbose else FleetNews(),
    )


def graces(service: Service) -> Graces:
    """How long the parts that finish work may take, by their settings."""
    return Graces(
        service.api.drain_grace + API_MARGIN, service.balancer.stop_grace + BALANCER_MARGIN
    )


def _prepared(data: Path) -> Path:
    data = data.absolute()
    try:
        for folder in ("logs", "run", "sqs", "storage", "fleet", "cache", targets.FOLDER):
            # The queue's file holds URLs, signed ones too: nobody else's to read.
            (data / folder).mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataUnusable(data, error) from error
    return data.resolve()


def _ports(service: Service) -> Ports:
    sqs, storage, samples, balancer, spare = islice(free(), 5)
    api = service.api.port or spare
    if not is_free(api, service.api.host):
        raise PortInUse(service.api.host, api)
    return Ports(api, sqs, storage, samples, service.balancer.metrics_port or balancer)


def _environment(options: Options, service: Service, data: Path, ports: Ports) -> dict[str, str]:
    settings = child_environment(
        os.environ,
        defaults(data, ports.balancer, service.public),
        options.forced() | {"port": str(ports.api)},
        (ports.samples_address, LOADTEST_PHOTOS),
    )
    return settings | local_aws(ports.sqs_url, ports.storage_url, service.api.region)
