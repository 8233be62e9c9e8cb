"""What is measured here: the whole service with one worker, warm, and how a command line names its parts."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from bench.live.service import Service, service
from bench.live.stand_in import stand_in
from bench.throughput import asking, pictures

WARM_UP = 3.0  # seconds of the load that follows

BundleOption: TypeAlias = Annotated[
    Path | None, typer.Option(help="bundle to serve; InceptionV3 int8, random weights, if unset")
]
PhotosOption: TypeAlias = Annotated[
    Path | None, typer.Option(help="folder of JPEGs; made ones if unset")
]
ClientsOption: TypeAlias = Annotated[int, typer.Option(min=1, help="at once")]


def bundle_or_stand_in(bundle: Path | None) -> Path:
    """The folder of the bundle that is named, or of the one that stands in for it."""
    return (bundle or stand_in()).resolve()


@asynccontextmanager
async def one_worker(
    bundle: Path, origin: pictures.Origin, clients: int, python_path: Path | None = None
) -> AsyncIterator[Service]:
    """The service with one worker while the block runs, on a data folder of its own.

    Args:
        bundle: what it serves, as `bundle_or_stand_in` gives it.
        origin: the host that it may fetch from.
        clients: that ask at once, to warm it.
        python_path: a folder from which each of its processes imports first.

    Raises:
        NotStarted: it does not come up.
    """
    settings = {
        "models": bundle.parents[1],
        "model": bundle.parent.name,
        "fetch_allow": origin.address,
        "min_workers": 1,
        "max_workers": 1,
    }
    with tempfile.TemporaryDirectory() as folder:
        async with service(Path(folder) / "data", settings, python_path=python_path) as running:
            await running.ready(workers=1)
            await asking.ask(running.url, origin, clients, WARM_UP)
            yield running
