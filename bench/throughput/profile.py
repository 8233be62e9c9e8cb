"""`python -m bench.throughput.profile`: where the CPU of a picture goes, drawn.

The whole service under the same load as `python -m bench.throughput`, each process's CPU counted, and the
front end and the worker looked into by py-spy: a table in milliseconds a picture, and a flame graph of each.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, TypeAlias

import psutil
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from bench.live.service import Service
from bench.throughput import asking, ledger, pictures, spying
from bench.throughput.stacks import FRONT_END, WORKER, Rules, folded, milliseconds
from bench.throughput.subject import (
    BundleOption,
    ClientsOption,
    PhotosOption,
    bundle_or_stand_in,
    one_worker,
)

Parts: TypeAlias = dict[str, dict[str, float]]
"""Process -> part -> CPU in milliseconds a picture."""

INSIDE: dict[str, Rules] = {"worker and engine": WORKER, "front end": FRONT_END}
NATIVE = "threads without Python"
SPY = "py-spy"


async def profile(
    bundle: Path, photos: Path | None, clients: int, seconds: float, out: Path
) -> Parts:
    """Run the service under load and look into it."""
    with pictures.served(photos) as origin:
        async with one_worker(bundle, origin, clients) as running:
            found: Parts = {}
            for name, parts in INSIDE.items():
                found |= await _looked_into(running, origin, clients, seconds, name, parts, out)
            return found


async def _looked_into(
    running: Service,
    origin: pictures.Origin,
    clients: int,
    seconds: float,
    name: str,
    parts: Rules,
    out: Path,
) -> Parts:
    # One after the other: who is sampled is held up a little, and others must not wait for two.
    pid = _pid(name)
    stem = out / name.replace(" ", "-")
    load = asyncio.create_task(asking.ask(running.url, origin, clients, seconds + 1))
    await spying.flames(pid, seconds, stem.with_suffix(".svg"))
    await load
    count = ledger.Ledger()
    load = asyncio.create_task(asking.ask(running.url, origin, clients, seconds))
    seen = await spying.stacks(pid, seconds, stem.with_suffix(".txt"))
    answers = await load
    spent, done = count.spent(), len(answers.seconds)
    whole = {
        part: {"": 1000 * cpu / done} for part, cpu in spent.items() if part not in (*INSIDE, SPY)
    }
    return whole | {name: inside(seen, parts, 1000 * spent[name] / done, done)}


def inside(seen: spying.Seen, parts: Rules, whole: float, done: int) -> dict[str, float]:
    """One process's parts.

    Args:
        seen: what py-spy saw.
        parts: of this process.
        whole: milliseconds a picture that the process spent in all.
        done: pictures answered.
    """
    samples = folded(seen.stacks, parts)
    found = milliseconds(samples, seen.cpu, done)
    native = sum(cpu for thread, cpu in seen.cpu.items() if thread not in samples)
    found[NATIVE] = 1000 * native / done
    # py-spy starts after the load and ends before it: its shares stand for the whole.
    scale = whole / sum(found.values())
    return {part: scale * ms for part, ms in sorted(found.items(), key=lambda each: -each[1])}


def table(found: Parts) -> Table:
    """Processes and their parts, the most expensive first."""
    drawn = Table("process", "part", "CPU ms a picture")
    for name, parts in sorted(found.items(), key=lambda each: -sum(each[1].values())):
        drawn.add_row(name, "", f"{sum(parts.values()):.2f}", style="bold")
        for part, ms in parts.items():
            if part:
                drawn.add_row("", part, f"{ms:.2f}")
    return drawn


def _pid(name: str) -> int:
    for process in psutil.Process().children(recursive=True):
        if ledger.part_of(" ".join(process.cmdline())) == name:
            return process.pid
    raise LookupError(f"there is no {name} among the processes of the service")


def main(
    bundle: BundleOption = None,
    photos: PhotosOption = None,
    clients: ClientsOption = 40,
    seconds: Annotated[float, typer.Option(min=2, help="of each of four looks")] = 8.0,
    out: Annotated[Path, typer.Option(help="folder for flame graphs")] = Path("profile"),
) -> None:
    """Where the CPU of a picture goes, as a table and as flame graphs."""
    out.mkdir(parents=True, exist_ok=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            found = runner.run(profile(bundle_or_stand_in(bundle), photos, clients, seconds, out))
        except spying.Refused as error:
            print(error, file=sys.stderr)
            raise typer.Exit(1) from error
    (out / "profile.json").write_text(json.dumps(found, indent=1))
    Console().print(table(found))


if __name__ == "__main__":
    typer.run(main)
