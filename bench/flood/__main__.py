"""`python -m bench.flood`: a quiet client's p95 alone, and while another floods at ten times its limit.

A service of its own with real processes, keys for both clients, one worker; phases alternate, because
what else the machine does changes by the minute.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import typer
import uvloop
from rich.progress import track

from bench.flood.flooder import Flooder, flooder
from bench.flood.paced import Paced, statuses
from bench.live.keys import key
from bench.live.line import Reply
from bench.live.origin import Origin, origin
from bench.live.service import Service, service

QUIET, LOUD = 10.0, 10  # requests a second; times its limit
LIMIT, BURST = 20.0, 20
SETTLING = 3.0  # seconds between phases: B's bucket fills, its answers come
ALLOWED = 1.2  # of the quiet client's p95


def p95(replies: list[Reply]) -> float:
    """The 95th percentile in milliseconds of what was answered with labels."""
    return quantiles([1000 * r.seconds for r in replies if r.status == 200], n=20)[-1]


async def measure(pairs: int, seconds: float, workers: int) -> dict[str, object]:
    """Alone and beside a flood, so many times in turn; the figures."""
    settings = {
        "access": "keys",
        "key_rate": LIMIT,
        "key_burst": BURST,
        "min_workers": workers,
        "max_workers": workers,
    }
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        async with (
            origin(0.0) as pictures,
            service(data, settings | {"fetch_allow": pictures.address}) as running,
        ):
            await running.ready(workers)
            quiet, loud = await asyncio.gather(key(data, "quiet"), key(data, "loud"))
            await asyncio.sleep(2 * SETTLING)
            async with flooder(running.url, loud, pictures.address) as flood:
                return await _alternate(running, quiet, pictures, flood, pairs, seconds)


async def _alternate(
    running: Service, shown: str, pictures: Origin, flood: Flooder, pairs: int, seconds: float
) -> dict[str, object]:
    client = Paced(running.url, shown, lambda number: pictures.url(f"quiet-{number}.jpg"))
    await client.ask(QUIET, SETTLING)
    alone: list[list[Reply]] = []
    beside: list[list[Reply]] = []
    loud: dict[int, int] = {}
    for _ in track(range(pairs), "measuring", transient=True):
        alone.append(await client.ask(QUIET, seconds))
        flood.start(LOUD * LIMIT, seconds)
        beside.append(await client.ask(QUIET, seconds))
        loud = await flood.ended()
        await asyncio.sleep(SETTLING)
    client.close()
    return figures(alone, beside, loud)


def figures(
    alone: list[list[Reply]], beside: list[list[Reply]], loud: dict[int, int]
) -> dict[str, object]:
    """What is printed: p95 in milliseconds of all phases together, and the ratio of each pair."""
    first, second = [r for phase in alone for r in phase], [r for phase in beside for r in phase]
    ratios = [p95(b) / p95(a) for a, b in zip(alone, beside, strict=True)]
    return {
        "alone_p95_ms": round(p95(first), 1),
        "beside_p95_ms": round(p95(second), 1),
        "ratio": round(p95(second) / p95(first), 3),
        "ratio_of_pairs": [round(ratio, 3) for ratio in ratios],
        "median_ratio": round(median(ratios), 3),
        "alone": statuses(first) | parts(first),
        "beside": statuses(second) | parts(second),
        "flood_last_phase": loud,
        "allowed": ALLOWED,
    }


def parts(replies: list[Reply]) -> dict[str | int, float]:
    """The 95th percentile in milliseconds of each part of the time, as the service tells it."""
    told = [json.loads(r.body)["timings"] for r in replies if r.status == 200 and r.body]
    names = told[0] if told else ()
    return {name: round(quantiles([each[name] for each in told], n=20)[-1], 1) for name in names}


def main(
    pairs: Annotated[int, typer.Option(min=1, help="how often each is measured, in turn")] = 5,
    seconds: Annotated[float, typer.Option(min=3, help="of each phase")] = 20.0,
    workers: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """A quiet client's p95, alone and while another floods."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(pairs, seconds, workers)), indent=1))


if __name__ == "__main__":
    typer.run(main)
