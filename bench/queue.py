"""`python -m bench.queue`: the local queue beside moto and MiniStack, in one run on one machine.

Each figure is taken through boto3 with server and client on the same cores, within a budget of
time (`--budget`); a server that cannot fill a queue within it is not measured at that depth.
"""

import argparse
import json
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import queue_measures as measures
from bench.contenders import MINISTACK, MOTO, OURS, Contender, connect, running

_MESSAGES = 2_000
_WAKES = 100

Figures = dict[str, float | None]


def measure(
    contender: Contender, depths: list[int], wakes: int, budget_s: float, progress: Progress
) -> Figures:
    """Every figure of one contender by name; None where the budget did not suffice."""
    figures: Figures = {}
    with running(contender) as server:
        client = connect(server.address)
        task = progress.add_task(f"{contender.name}: long poll", total=1.0)

        def step(title: str) -> measures.Progress:
            progress.reset(task, total=1.0, description=f"{contender.name}: {title}")
            return lambda done: progress.update(task, completed=done)

        woken = measures.wake(client, connect(server.address), wakes, step("long poll"))
        figures["wake median, ms"] = woken.median_ms
        figures["wake p95, ms"] = woken.p95_ms
        figures["wake max, ms"] = woken.max_ms
        rate = measures.send(client, server.cpu_s, _MESSAGES, budget_s, step("send"))
        figures["send x10, messages/s"] = rate.per_second
        figures["send x10, server CPU, us/message"] = rate.cpu_us
        for depth in depths:
            drained = measures.receive_delete(
                client,
                server.cpu_s,
                depth,
                _MESSAGES,
                budget_s,
                step(f"receive and delete at {depth}"),
            )
            name = f"receive x10 + delete x10 at {depth}, messages/s"
            figures[name] = drained.per_second if drained is not None else None
            name = f"send, receive, delete x10 at {depth}, server CPU, us/message"
            figures[name] = drained.cpu_us if drained is not None else None
        progress.remove_task(task)
    return figures


def table(results: dict[str, Figures]) -> Table:
    """Figures side by side; in brackets how many times better the first contender is."""
    ours, *_ = results
    shown = Table("", *results)
    for name, own in results[ours].items():
        cells = [
            _cell(name, figures.get(name), own if contender != ours else None)
            for contender, figures in results.items()
        ]
        shown.add_row(name, *cells)
    return shown


def _cell(name: str, value: float | None, own: float | None) -> str:
    if value is None:
        return "not filled in time"
    text = f"{value:.1f}" if value < 100 else f"{value:,.0f}"
    if own is None:
        return text
    ratio = own / value if name.endswith("messages/s") else value / own
    return f"{text} ({ratio:.3g}x)"


def machine() -> dict[str, Any]:
    """Where and with what this was measured."""
    names = ("boto3", "moto", "ministack", "uvicorn", "httptools", "uvloop")
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def main() -> None:
    """Measure, print a table, write JSON."""
    options = _parser().parse_args()
    console = Console()
    described, results = machine(), dict[str, Figures]()
    with Progress(console=console) as progress:
        for contender in (OURS, MOTO, MINISTACK):
            results[contender.name] = measure(
                contender, options.depths, options.wakes, options.budget, progress
            )
    console.print(table(results))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"machine": described, "figures": results}, indent=2))
    console.print(f"load before {described['load_before']:.1f}; figures in {options.json}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.queue", description=__doc__)
    parser.add_argument("--depths", type=int, nargs="+", default=[10, 1_000, 10_000, 100_000])
    parser.add_argument("--wakes", type=int, default=_WAKES, help="long polls timed")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds for one figure")
    parser.add_argument("--json", type=Path, default=Path(".classifycloud/bench/queue.json"))
    return parser


if __name__ == "__main__":
    main()
