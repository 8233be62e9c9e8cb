"""`classifycloud simulate`."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from classifier.extras import remedy
from cli import simulate_options as options
from cli.exits import STOPPED, failed, misused
from cli.places import writable

if TYPE_CHECKING:
    from balancer.simulator.cases import Case

T = TypeVar("T")


def simulate(
    policies: options.Policies = None,
    traces: options.Traces = None,
    rate: options.Rate = 6.0,
    duration: options.Duration = 3600.0,
    start: options.Start = 0.0,
    end: options.End = None,
    speed: options.Speed = 1.0,
    repeat: options.Repeat = 1,
    warm_up: options.WarmUp = 0.0,
    seed: options.Seed = 0,
    boots: options.Boots = None,
    service_seconds: options.ServiceTime = 1.0,
    initial_workers: options.InitialWorkers = None,
    standby: options.Standby = 0,
    batch: options.Batch = 1,
    batch_overhead: options.BatchOverhead = 0.0,
    prefetch: options.Prefetch = 1,
    hourly_price: options.Price = 0.10,
    paid_minute: options.PaidMinute = 60.0,
    max_workers: options.MaxWorkers = 19,
    min_workers: options.MinWorkers = 1,
    target_wait: options.TargetWait = 5.0,
    deadline: options.Deadline = 120.0,
    scale_in_delay: options.ScaleInDelay = 30.0,
    qos: options.Qos = 5,
    tick: options.Tick = 5.0,
    boot_jitter: options.BootJitter = 0.0,
    boot_failure_rate: options.BootFailures = 0.0,
    crash_rate_per_hour: options.Crashes = 0.0,
    spot_interruptions_per_hour: options.Interruptions = 0.0,
    as_json: options.AsJson = False,
    series: options.Series = False,
    picture: options.Picture = None,
) -> None:
    """Replay traffic against scaling policies, without a worker and without a cent.

    Runs the policies that the balancer runs, on simulated workers. A wait is from the enqueueing of a
    picture to the start of work on it. Several policies, traces and boot times are run each with each:

    classifycloud simulate --policy criterion --policy wait-time --trace flash --boot 45
    """
    given = locals()
    cases = _cases(policies or [options.POLICY], traces or ["poisson"], boots or [45.0], given)
    if picture is not None:
        _drawable(picture, cases)
    _report(cases, as_json, series, picture)


def _cases(
    policies: list[str], traces: list[str], boots: list[float], given: Mapping[str, Any]
) -> "list[Case]":
    from balancer.plan import Limits
    from balancer.policies import UnknownPolicy
    from balancer.simulator.cases import Traffic, cases, trace
    from balancer.simulator.files import TraceUnusable
    from balancer.simulator.world import World

    try:
        traffic = _made(Traffic, given)
        found = [trace(name, traffic) for name in traces]
        return list(cases(policies, found, boots, _made(Limits, given), _made(World, given)))
    except UnknownPolicy as error:
        misused(f"--policy: {error}")
    except TraceUnusable as error:
        misused(f"--trace: {error}")
    except ValueError as error:
        misused(str(error))


def _made(kind: type[T], given: Mapping[str, Any]) -> T:
    """A dataclass from the options that are called as its fields are."""
    names = (field.name for field in fields(kind))  # type: ignore[arg-type]
    return kind(**{name: given[name] for name in names if name in given})


def _drawable(picture: Path, cases: "list[Case]") -> None:
    from importlib.util import find_spec

    if picture.suffix not in (".png", ".html"):
        misused(f"--picture {picture}: the name must end with .png or .html")
    if not picture.absolute().parent.is_dir():
        misused(f"--picture {picture}: there is no folder {picture.absolute().parent}")
    writable(picture)
    if len({(case.trace.name, case.world.boot_seconds) for case in cases}) > 1:
        misused("--picture draws one trace with one boot time, with any number of policies")
    if find_spec("matplotlib") is None:
        failed(f"--picture needs matplotlib: {remedy('plots')}")


def _report(cases: "list[Case]", as_json: bool, series: bool, picture: Path | None) -> None:
    from rich.console import Console

    from cli.simulate_report import as_line, drawn, results, tables

    done = []
    try:
        for case, outcome in results(cases, series or picture is not None):
            done.append((case, outcome))
            if as_json:
                typer.echo(as_line(case, outcome, series))
    except KeyboardInterrupt:
        typer.echo(f"Stopped: {len(done)} of {len(cases)} runs are shown.", err=True)
    if not as_json:
        console = Console()
        for shown in tables(done):
            console.print(shown)
    if picture is not None and done:
        try:
            drawn(done, picture)
        except OSError as error:
            failed(f"--picture {picture} could not be written: {error.strerror}")
        typer.echo(f"drawn: {picture}", err=True)
    if len(done) < len(cases):
        raise typer.Exit(STOPPED)
