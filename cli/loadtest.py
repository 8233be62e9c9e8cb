"""`classifycloud loadtest`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli import loadtest_options as options
from cli.address import UNSAID, Key, Url
from cli.exits import FAILED, STOPPED, failed
from cli.places import writable

if TYPE_CHECKING:
    from bench.loadtest.run import Progress, Terms
    from cli.loadtest_plan import Plan


def loadtest(
    url: Url = UNSAID,
    key: Key = None,
    requests: options.Requests = None,
    concurrency: options.Concurrency = None,
    rate: options.Rate = None,
    seconds: options.Seconds = None,
    spike: options.Spike = None,
    steps: options.Steps = None,
    trace: options.Trace = None,
    speed: options.Speed = None,
    limit: options.Limit = None,
    poisson: options.Poisson = False,
    photos: options.Photos = None,
    urls: options.Urls = None,
    repeat: options.Repeat = 0.0,
    photo_port: options.PhotoPort = 8099,
    timeout: options.Timeout = 130.0,
    retries: options.Retries = 0,
    report: options.Report = None,
    as_json: options.AsJson = False,
) -> None:
    """Ask a service for many pictures, at once or at a rate; serve them to it; print the figures.

    At a rate, in steps or by a trace, requests go out at their due times whatever the answers do, and
    each latency counts from its due time, so that a service that stalls cannot hide it. How late this
    command itself was is measured; if over 1 % of the requests left 50 ms late, it says so.

    Ctrl-C ends the sending, waits for nothing, and reports.

    Exits with 1 when any request was not answered with a label, or the sender lagged.

    Limits: one process and one core, about 2 000 requests a second; every sample is kept, some 300 MB for
    a million; one connection for each open request, so `ulimit -n` bounds them; HTTP/1.1, no proxy.
    """
    from cli.loadtest_plan import pictures, planned

    plan = planned(
        {
            "requests": requests,
            "concurrency": concurrency,
            "rate": rate,
            "seconds": seconds,
            "spike": spike,
            "steps": steps,
            "trace": trace,
            "speed": speed,
            "limit": limit,
            "poisson": poisson,
        }
    )
    if report is not None:
        writable(report)
    from bench.loadtest.targets import asked

    with pictures(photos, urls, photo_port) as picture:
        terms = _terms(key, timeout, retries)
        progress = _carried_out(url, plan, asked(picture, repeat), terms)
    said = f"{plan.said}; {_said(urls, repeat, timeout, retries)}"
    raise typer.Exit(_told(progress, plan, url, said, report, as_json))


def _terms(key: str | None, timeout: float, retries: int) -> "Terms":
    from bench.loadtest.run import Terms
    from wire.settings import ClientSettings

    headers = {"X-API-Key": key} if key else ClientSettings().headers()
    return Terms(timeout, retries, headers)


def _carried_out(url: str, plan: "Plan", pictures: Iterator[str], terms: "Terms") -> "Progress":
    import asyncio

    import uvloop

    from bench.loadtest import files
    from bench.loadtest.run import Progress, carry_out, interruptible
    from bench.loadtest.showing import shown

    files.as_many_as_allowed()
    progress = Progress()

    async def run() -> None:
        work = asyncio.create_task(carry_out(plan.sending, url, pictures, progress, terms))
        with interruptible(work):
            async with shown(progress, plan.total):
                await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    return progress


def _told(
    progress: "Progress", plan: "Plan", url: str, said: str, page: Path | None, as_json: bool
) -> int:
    """Print and write everything; the exit status."""
    import json

    from bench.loadtest import report
    from bench.loadtest.page import page as drawn
    from bench.loadtest.summary import Summary
    from bench.loadtest.timeline import Timeline

    summary = Summary.of(progress.outcomes, progress.elapsed, progress.open)
    timeline = Timeline.of(progress.outcomes)
    if as_json:
        found = summary.as_json() | {"timeline": timeline.as_json()}
        typer.echo(json.dumps(found))
    else:
        typer.echo(report.burst(summary) if plan.is_burst else report.on_time(summary))
    if page is not None:
        try:
            page.write_text(
                drawn(progress.outcomes, summary, timeline, url, said), encoding="utf-8"
            )
        except OSError as error:
            failed(f"{page} could not be written: {error.strerror}")
        typer.echo(f"Report: {page}", err=True)
    if progress.interrupted:
        return STOPPED
    return FAILED if summary.answered < summary.requests or summary.late.lags else 0


def _said(urls: Path | None, repeat: float, timeout: float, retries: int) -> str:
    own = "a picture of its own each" if urls is None else f"pictures of {urls.name}"
    repeated = f", {100 * repeat:g} % repeated" if repeat else ""
    tries = f"; asked again {retries} times at most" if retries else ""
    return f"{own}{repeated}; {timeout:g} s for a request{tries}"
