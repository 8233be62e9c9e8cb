"""`python -m bench.call_rates`: calls to SQS and S3 for a picture, by how many pictures come a second.

And milliseconds of CPU that the queue endpoint takes for one, where it runs on the service's own host.

Batches form where many come together: at a picture a second each makes its calls alone. Requests come at
random (exponential gaps), each for a picture of its own, whatever the answers do. The first row is a service
that is asked nothing: what its parts call for by themselves. `deploy/cost/measured.json` has what came out.
"""

import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import httpx
import typer
import uvloop

from bench.live.line import Line, opened
from bench.live.service import Service, service
from bench.scale import calls
from bench.throughput import pictures
from bench.throughput.ledger import Ledger

RATES = "0,0.12,2,11.6,25,50"
# Python imports this first in each process: a network that takes as long as a large one, and no core for it.
SLOW = """
import sys
if sys.orig_argv[-2:] == ["-m", "worker"]:
    import time
    from classifier.engines.openvino import Network
    def slow(infer):
        def asleep(self, batch):
            time.sleep({ms} / 1000 * len(batch))
            return infer(self, batch)
        return asleep
    Network.infer = slow(Network.infer)
"""
# What a worker derives of its cores: `worker/capacity.py`.
EACH_CORE = {"engine_threads": 1, "prefetch": 20, "fetchers": 8}
SETTLING = 12.0  # seconds: the balancer's first ticks, the worker's first polls


def main(
    bundle: Annotated[Path | None, typer.Option(help="folder with a manifest.json")] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of JPEGs; made ones if unset")] = None,
    rates: Annotated[str, typer.Option(help="pictures a second, one after the other")] = RATES,
    seconds: Annotated[float, typer.Option(min=1, help="of each")] = 30.0,
    engine_ms: Annotated[
        float, typer.Option(min=0, help="that the engine sleeps for a picture beside its work")
    ] = 0.0,
    fetch_ms: Annotated[
        float,
        typer.Option(min=0, help="that the host of pictures takes, as hosts on the Internet do"),
    ] = 0.0,
    workers: Annotated[int, typer.Option(min=1)] = 1,
    cores: Annotated[
        int | None, typer.Option(min=1, help="of each worker's engine; this machine's if unset")
    ] = None,
) -> None:
    """One JSON object for each rate."""
    settings: dict[str, object] = {"min_workers": workers, "max_workers": workers}
    if cores is not None:
        settings |= {name: each * cores for name, each in EACH_CORE.items()}
    if bundle is not None:
        place = bundle.resolve()
        settings |= {"models": place.parents[1], "model": place.parent.name}
    asked = [float(each) for each in rates.split(",")]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_measured(settings, photos, asked, seconds, engine_ms, fetch_ms))


async def _measured(
    settings: dict[str, object],
    photos: Path | None,
    rates: list[float],
    seconds: float,
    engine_ms: float,
    fetch_ms: float,
) -> None:
    away = fetch_ms / 1000
    with tempfile.TemporaryDirectory() as folder, pictures.served(photos, away) as origin:
        given = settings | {"fetch_allow": origin.address}
        first = Path(folder) / "first"
        first.mkdir()
        (first / "sitecustomize.py").write_text(SLOW.format(ms=engine_ms))
        async with service(Path(folder) / "data", given, python_path=first) as running:
            await running.ready(workers=int(str(settings["min_workers"])))
            await asyncio.sleep(SETTLING)
            for rate in rates:
                before, began = await asyncio.to_thread(_counted, running), time.monotonic()
                ledger = Ledger()
                answered = await _asked(running.url, origin, rate, seconds)
                took, queue = time.monotonic() - began, ledger.spent().get("queue", 0.0)
                more = await asyncio.to_thread(_counted, running)
                more.subtract(before)
                row = _row(rate, took, answered, more)
                row["queue_ms"] = round(queue * 1000 / max(1, answered), 3)
                print(json.dumps(row), flush=True)


async def _asked(url: str, origin: pictures.Origin, rate: float, seconds: float) -> int:
    """How many were answered of those that came in so many seconds."""
    chance, ends = random.Random(7), time.monotonic() + seconds
    idle: list[Line] = []
    asking: set[asyncio.Task[int]] = set()
    while rate and (due := time.monotonic() + chance.expovariate(rate)) < ends:
        await asyncio.sleep(due - time.monotonic())
        asking.add(asyncio.create_task(_one(url, origin.next(), idle)))
    done = sum(await asyncio.gather(*asking)) if asking else 0
    await asyncio.sleep(max(1.0, ends - time.monotonic()))  # deletes wait for company
    for line in idle:
        line.close()
    return done


async def _one(url: str, picture: str, idle: list[Line]) -> int:
    line = idle.pop() if idle else await opened(url, {})
    reply = await line.classify(picture)
    idle.append(line)
    return int(reply.status == 200)


def _counted(running: Service) -> "Counter[tuple[str, str]]":
    with httpx.Client(trust_env=False, timeout=10) as http:
        sqs = http.get(f"{running.queues}/metrics").text
        s3 = http.get(f"{running.storage}/_counts").text
    found: Counter[tuple[str, str]] = Counter()
    for action, queue, count in calls.SQS.findall(sqs):
        found[action, queue.partition("-")[2].partition("-")[0]] += int(count)
    for action, count in calls.S3.findall(s3):
        found[action, "s3"] += int(count)
    return found


def _row(
    rate: float, took: float, answered: int, more: "Counter[tuple[str, str]]"
) -> dict[str, object]:
    each = max(1, answered)
    sqs = sum(count for (_, where), count in more.items() if where not in ("", "s3"))
    return {
        "rate": rate,
        "seconds": round(took, 1),
        "pictures": answered,
        "sqs_calls": round(sqs / each, 3),
        "puts": round(more["PutObject", "s3"] / each, 4),
        "all": {f"{a} {w}".strip(): n for (a, w), n in sorted(more.items()) if n},
    }


if __name__ == "__main__":
    typer.run(main)
