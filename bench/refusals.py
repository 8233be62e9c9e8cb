"""`python -m bench.refusals`: how fast the front end refuses, 50 clients at once, on a warm service.

Each kind in turn, again and again: private addresses as literals, keys that nobody has, and a client
over its limit. Clients ask anew as soon as they are answered.
"""

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Annotated

import psutil
import typer
import uvloop
from rich.progress import track

from bench.flood.paced import statuses
from bench.live.keys import key
from bench.live.line import Reply, opened
from bench.live.service import service
from wire import keys

LITERALS = (
    "http://127.0.0.1/a.jpg",
    "http://10.1.2.3/a.jpg",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/a.jpg",
    "http://[::ffff:10.0.0.1]/a.jpg",
    "http://2130706433/a.jpg",
    "http://0x7f.1/a.jpg",
    "http://[64:ff9b::a9fe:a9fe]/a.jpg",
)


async def hammer(url: str, shown: str, clients: int, seconds: float) -> list[Reply]:
    """So many clients ask without a pause; every reply."""
    ended = time.perf_counter() + seconds

    async def client(first: int) -> list[Reply]:
        line = await opened(url, {"X-API-Key": shown})
        replies = []
        for picture in itertools.islice(itertools.cycle(LITERALS), first, None):
            if time.perf_counter() >= ended:
                break
            replies.append(await line.classify(picture))
        line.close()
        return replies

    return [r for each in await asyncio.gather(*map(client, range(clients))) for r in each]


def spent(process: psutil.Process) -> float:
    """Seconds of CPU that a process has had."""
    times = process.cpu_times()
    return float(times.user + times.system)


def told(replies: Sequence[Reply], seconds: float, cpu: float) -> dict[str, object]:
    """The figures of one phase; `cpu_ms` is the front end's CPU for one refusal, whatever else runs."""
    cuts = quantiles([1000 * reply.seconds for reply in replies], n=100)
    return {
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "max_ms": round(1000 * max(reply.seconds for reply in replies), 1),
        "per_second": round(len(replies) / seconds),
        "cpu_ms": round(1000 * cpu / len(replies), 2),
        "statuses": statuses(list(replies)),
    }


async def measure(clients: int, rounds: int, seconds: float) -> dict[str, list[dict[str, object]]]:
    """Every kind of refusal, so many rounds."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        # All clients have this machine's address, and the key's own limit is what is asked about.
        async with service(data, {"access": "keys", "address_rate": 0}) as running:
            await running.ready(workers=1)
            free = await key(data, "free", "--rate", "0")
            tight = await key(data, "tight", "--rate", "0.01", "--burst", "1")
            await asyncio.sleep(6)
            kinds = {"literal": free, "wrong key": keys.make(), "over limit": tight}
            found: dict[str, list[dict[str, object]]] = {kind: [] for kind in kinds}
            api = psutil.Process(json.loads((data / "run" / "api.json").read_text())["pid"])
            for kind, shown in track([*kinds.items()] * rounds, "measuring", transient=True):
                before = spent(api)
                replies = await hammer(running.url, shown, clients, seconds)
                found[kind].append(told(replies, seconds, spent(api) - before))
            return found


def main(
    clients: Annotated[int, typer.Option(min=1, help="at once")] = 50,
    rounds: Annotated[int, typer.Option(min=1, help="of every kind")] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="of each phase")] = 8.0,
) -> None:
    """Latency of refusals."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(measure(clients, rounds, seconds)), indent=1))


if __name__ == "__main__":
    typer.run(main)
