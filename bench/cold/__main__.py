"""`python -m bench.cold`: 40 requests at once, first to a service without a worker, then to none at all.

The first: the service runs, nobody works, and the clock starts with the requests. The second: the clock
starts with the command `classifycloud up`, and the requests are there from the first moment; a refused
connection is tried again every 10 ms.
"""

import asyncio
import json
import socket
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
import uvloop

from bench.cold.burst import Burst, fire
from bench.live.service import Service, service
from bench.live.stand_in import stand_in
from bench.throughput import pictures
from bench.throughput.pictures import Origin

GONE = 60.0  # seconds within which idle workers must have left
ENOUGH = 1.8  # seconds


async def measure(
    bundle: Path, photos: Path | None, requests: int, rounds: int, starts: int, most: int
) -> dict[str, Any]:
    """The figures of all rounds; times in seconds."""
    with tempfile.TemporaryDirectory() as folder, pictures.served(photos) as origin:
        data = Path(folder) / "data"
        settings = _settings(bundle, origin, most)
        async with service(data, settings) as running:
            # The first worker of a data folder compiles the network, which is kept for the later ones.
            await running.ready(workers=0)
            await fire(running.url, [origin.next()], time.perf_counter())
            idle = [await _without_workers(running, origin, requests) for _ in range(rounds)]
        whole = [await _whole(data, settings, origin, requests) for _ in range(starts)]
    return {"without workers": told(idle, requests), "from the command": told(whole, requests)}


def _settings(bundle: Path, origin: Origin, most: int) -> dict[str, object]:
    return {
        "models": bundle.parents[1],
        "model": bundle.parent.name,
        "fetch_allow": origin.address,
        "min_workers": 0,
        "max_workers": most,
        # It alone sends the last worker away within seconds: the others expect what came to come again.
        "policy": "criterion",
        "kill_all_delay": 1,
        "access": "public",
    }


async def _without_workers(running: Service, origin: Origin, requests: int) -> Burst:
    await _nobody(running)
    asked = [origin.next() for _ in range(requests)]
    return await fire(running.url, asked, time.perf_counter())


async def _nobody(running: Service) -> None:
    """Wait until every worker that was launched has left, and the machine is quiet again."""
    async with asyncio.timeout(GONE):
        while len(running.diary.of("worker launched")) > len(  # noqa: ASYNC110  a log sends no event
            running.diary.of("worker exited")
        ):
            await asyncio.sleep(0.1)
    await asyncio.sleep(2.0)


async def _whole(data: Path, settings: dict[str, object], origin: Origin, requests: int) -> Burst:
    port = _free()
    asked = [origin.next() for _ in range(requests)]
    began = time.perf_counter()
    async with service(data, settings | {"port": port, "min_workers": 1}):
        return await fire(f"http://127.0.0.1:{port}", asked, began)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def told(bursts: Sequence[Burst], requests: int) -> dict[str, Any]:
    """Each round, and the medians."""
    return {
        "answered": [requests - burst.failed for burst in bursts],
        "of": requests,
        "rounds": [
            [round(seconds, 2) for seconds in (burst.first, burst.mean, burst.last)]
            for burst in bursts
        ],
        "first": round(median(burst.first for burst in bursts), 2),
        "mean": round(median(burst.mean for burst in bursts), 2),
        "last": round(median(burst.last for burst in bursts), 2),
    }


def main(
    bundle: Annotated[
        Path | None,
        typer.Option(help="bundle to serve; InceptionV3 int8, random weights, if unset"),
    ] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of JPEGs; made ones if unset")] = None,
    requests: Annotated[int, typer.Option(min=1, help="at once")] = 40,
    rounds: Annotated[int, typer.Option(min=1, help="without a worker")] = 5,
    starts: Annotated[int, typer.Option(min=1, help="of the whole service")] = 3,
    workers: Annotated[int, typer.Option(min=1, help="launched at most")] = 1,
    most: Annotated[float, typer.Option(help="seconds until the last answer, at most")] = ENOUGH,
) -> None:
    """First, mean and last answer of a burst that finds no worker, or no service."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(
            measure((bundle or stand_in()).resolve(), photos, requests, rounds, starts, workers)
        )
    print(json.dumps(found, indent=1))
    idle = found["without workers"]
    if min(idle["answered"]) < requests or idle["last"] > most:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
