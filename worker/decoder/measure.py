"""`python -m worker.decoder.measure`: what it costs that pictures are decoded in processes of their own.

Threads of this process and decoders take turns on the same pictures, as many at a time, so that whatever
else the machine does meets both. Then: what a decoder takes in memory, and how fast dead ones are replaced.
"""

import asyncio
import io
import json
import os
import signal
import statistics
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import psutil
import typer
from PIL import Image
from rich.progress import track

from classifier.catalog import Catalog
from classifier.limits import ImageLimits
from classifier.preprocess import prepare
from classifier.recipe import Recipe
from wire import log
from wire.settings import WorkerSettings
from worker.decoder.jail import Terms
from worker.decoder.pool import Bounds, Decoders
from worker.decoder.throttle import Throttle

MEMORY = WorkerSettings.model_fields["decoder_memory"].default
LIMITS = ImageLimits()
SIDES = {"large": (1200, 800), "usual": (800, 533)}

Decode = Callable[[bytes], Awaitable[Any]]


def photo(width: int, height: int) -> bytes:
    """A JPEG of colored clouds with some grain, about 100 kB at 800 x 533."""
    random = np.random.default_rng(1)
    clouds = Image.fromarray(random.integers(0, 256, (24, 36, 3), np.uint8))
    smooth = clouds.resize((width, height), Image.Resampling.BICUBIC)
    grain = random.normal(0, 4, (height, width, 1))
    pixels = np.clip(np.asarray(smooth) + grain, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


async def rate(decode: Decode, data: bytes, pictures: int, places: int) -> float:
    """Pictures a second, so many at a time."""
    left = iter(range(pictures))

    async def work() -> None:
        for _ in left:
            await decode(data)

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(places)))
    return pictures / (time.perf_counter() - start)


def cpu(pids: tuple[int, ...]) -> float:
    """Seconds of CPU that processes have taken."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def proportional(pid: int) -> float:
    """MB of memory of a process, what it shares divided among those who share it."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1000


async def compare(
    decoders: Decoders, recipe: Recipe, data: bytes, pictures: int, rounds: int, places: int
) -> dict[str, float]:
    """The same pictures through threads and through decoders, in turns."""
    threads = ThreadPoolExecutor(places)
    loop = asyncio.get_running_loop()

    async def here(data: bytes) -> Any:
        return await loop.run_in_executor(threads, prepare, data, recipe, LIMITS)

    async def there(data: bytes) -> Any:
        return await decoders.prepare(data, recipe)

    everybody = (os.getpid(), decoders.nursery, *decoders.idle)
    found: dict[str, list[float]] = {"threads": [], "decoders": []}
    spent = {"threads": 0.0, "decoders": 0.0}
    for at in track(range(2 * rounds), f"{len(data) / 1000:.0f} kB", transient=True):
        name, decode = (("threads", here), ("decoders", there))[at % 2]
        before = cpu(everybody)
        found[name].append(await rate(decode, data, pictures, places))
        spent[name] += cpu(everybody) - before
    threads.shutdown()
    pairs = zip(found["decoders"], found["threads"], strict=True)
    total = pictures * rounds
    return {
        "kilobytes": round(len(data) / 1000, 1),
        "threads_per_second": round(statistics.median(found["threads"]), 1),
        "decoders_per_second": round(statistics.median(found["decoders"]), 1),
        "ratio": round(statistics.median(one / other for one, other in pairs), 3),
        "threads_cpu_ms": round(1000 * spent["threads"] / total, 3),
        "decoders_cpu_ms": round(1000 * spent["decoders"] / total, 3),
    }


async def replacing(recipe: Recipe, data: bytes, deaths: int, throttle: Throttle) -> float:
    """Decoders a second that are killed and replaced, each having decoded a picture."""
    decoders = Decoders(1, Terms(MEMORY), Bounds(LIMITS, 10), throttle)
    await decoders.open()
    start = time.perf_counter()
    for _ in range(deaths):
        for pid in decoders.idle:
            os.kill(pid, signal.SIGKILL)
        await decoders.prepare(data, recipe)
    seconds = time.perf_counter() - start
    decoders.close()
    return round(deaths / seconds, 1)


async def figures(pictures: int, rounds: int, places: int) -> dict[str, Any]:
    """All of them."""
    recipe = Catalog().find().manifest.preprocessing
    started = time.perf_counter()
    decoders = Decoders(places, Terms(MEMORY), Bounds(LIMITS, 10))
    await decoders.open()
    opened = round(time.perf_counter() - started, 3)
    rows = {}
    for name, size in SIDES.items():
        rows[name] = await compare(decoders, recipe, photo(*size), pictures, rounds, places)
    memory = [round(proportional(pid), 1) for pid in (decoders.nursery, *decoders.idle)]
    decoders.close()
    small = photo(64, 64)
    return {
        "pictures": rows,
        "open_seconds": opened,
        "megabytes": {"nursery": memory[0], "decoders": memory[1:]},
        "replaced_per_second": {
            "unthrottled": await replacing(recipe, small, 200, Throttle(1e6, 1_000_000)),
            "throttled": await replacing(recipe, small, 100, Throttle(20, 20)),
        },
    }


def main(
    pictures: Annotated[int, typer.Option(help="pictures a round")] = 200,
    rounds: Annotated[int, typer.Option(help="rounds of each kind")] = 9,
    places: Annotated[int, typer.Option(help="pictures at the same time")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """Decoding in threads beside decoding in processes."""
    log.configure("bench", "warning")
    found = asyncio.run(figures(pictures, rounds, places))
    typer.echo(json.dumps(found, indent=None if as_json else 2))


if __name__ == "__main__":
    typer.run(main)
