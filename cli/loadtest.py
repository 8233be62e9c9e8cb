"""`classifycloud loadtest`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.address import Url
from cli.exits import FAILED, failed, misused

if TYPE_CHECKING:
    from bench.loadtest.outcome import Outcome


def loadtest(
    url: Url = "http://127.0.0.1:8000",
    photos: Annotated[
        Path | None, typer.Option(help="Folder of pictures.", show_default="the samples")
    ] = None,
    requests: Annotated[int, typer.Option("--requests", "-n", min=1, help="How many.")] = 40,
    concurrency: Annotated[
        int, typer.Option("--concurrency", "-c", min=1, help="How many at once.")
    ] = 40,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that one request may take.")
    ] = 130.0,
    photo_port: Annotated[
        int,
        typer.Option(
            min=1,
            max=65535,
            help="Port on 127.0.0.1 to serve the pictures from; the service must allow it "
            "(CLASSIFYCLOUD_FETCH_ALLOW; `classifycloud up` allows 8099).",
        ),
    ] = 8099,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
) -> None:
    """Ask for many different pictures at once; serve them to the service; print the figures.

    Exits with 1 when any request was not answered with a label.
    """
    import json
    from threading import Thread

    from bench.loadtest.report import report
    from bench.loadtest.summary import Summary
    from bench.loadtest.targets import picture_urls
    from local.samples import FOLDER
    from local.samples.server import NoPhotos, PhotoServer, photos_in

    try:
        pictures = photos_in(photos or FOLDER)
    except NoPhotos as error:
        misused(f"--photos: {error}")
    try:
        server = PhotoServer(pictures, photo_port)
    except OSError as error:
        failed(f"Port {photo_port} cannot be served from: {error.strerror}. Use --photo-port.")
    with server:
        Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        urls = picture_urls(f"http://{server.address}", [path.name for path in pictures], requests)
        outcomes, elapsed = _fire(url, urls, concurrency, timeout)
        server.shutdown()
    summary = Summary.of(outcomes, elapsed)
    typer.echo(json.dumps(summary.as_json()) if as_json else report(summary))
    if summary.answered < summary.requests:
        raise typer.Exit(FAILED)


def _fire(
    service: str, urls: Sequence[str], concurrency: int, timeout: float
) -> "tuple[list[Outcome], float]":
    import asyncio

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from bench.loadtest.fire import fire
    from wire.settings import ClientSettings

    columns = (TextColumn("answered"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(urls))
        return asyncio.run(
            fire(
                service,
                urls,
                concurrency,
                timeout,
                lambda _: progress.advance(task),
                ClientSettings().headers(),
            )
        )
