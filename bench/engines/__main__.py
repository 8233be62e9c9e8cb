"""`python -m bench.engines`: pictures a second and CPU of each engine by size of batch, and the cores' peak.

Each engine loads in a process of its own and waits; they are measured by turns, one cell at a time, round
after round, so that whatever else runs on the machine meets all of them. The bundles have random weights:
speed does not know.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from bench.engines.contenders import CONTENDERS, Contender
from bench.engines.table import Cell, markdown, rows

QUIET = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
LIBRARIES = ("openvino", "tensorflow", "keras", "numpy")


class Contest:
    """A contender's process, warm."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.load_seconds: float = self._said()["load_seconds"]

    def cell(self, batch: int, seconds: float) -> Cell:
        """Measured now; the process must not be asked twice at once."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{batch} {seconds}\n")
        self._process.stdin.flush()
        return Cell(**self._said())

    def _said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"it ended with status {self._process.wait()}; see above")
        return dict(json.loads(line))


@contextmanager
def contest(contender: Contender, bundle: Path, largest: int) -> Iterator[Contest]:
    """Its process while the block runs."""
    command = [sys.executable, "-m", "bench.engines.contest", contender.name]
    with subprocess.Popen(
        [*command, str(bundle), str(largest)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=QUIET,
    ) as process:
        try:
            yield Contest(process)
        finally:
            process.kill()


def bundles(catalog: Path, architecture: str, stored: set[str]) -> dict[str, Path]:
    """By precision; made where they are missing, which takes a minute or two each."""
    return {precision: _bundle(catalog, architecture, precision) for precision in sorted(stored)}


def _bundle(catalog: Path, architecture: str, precision: str) -> Path:
    there = catalog / f"{architecture.replace('_', '-')}-{precision}" / "1"
    if not there.is_dir():
        making = [sys.executable, "-m", "training", "stand-in", "--out", str(catalog)]
        making += ["--architecture", architecture, "--precision", precision]
        subprocess.run(making, stdout=subprocess.DEVNULL, check=True, env=QUIET)
    return there


def limits(bundle: Path, seconds: float) -> dict[str, Any]:
    """See `bench.engines.peak`."""
    command = [sys.executable, "-m", "bench.engines.peak", str(bundle), str(seconds)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(json.loads(said))


def measure(
    chosen: list[Contender], paths: dict[str, Path], batches: list[int], rounds: int, seconds: float
) -> tuple[dict[tuple[str, int], list[Cell]], dict[str, float]]:
    """Cells of every engine and batch, and each engine's seconds until it was warm."""
    with ExitStack() as open_ones:
        contests = {
            each.name: open_ones.enter_context(contest(each, paths[each.stored], max(batches)))
            for each in track(chosen, "loading", transient=True)
        }
        turns = [(name, batch) for name in contests for batch in batches]
        cells: dict[tuple[str, int], list[Cell]] = {turn: [] for turn in turns}
        for name, batch in track(turns * rounds, "measuring", transient=True):
            cells[name, batch].append(contests[name].cell(batch, seconds))
        return cells, {name: each.load_seconds for name, each in contests.items()}


def _numbers(text: str) -> list[int]:
    try:
        found = sorted({int(each) for each in text.split(",")})
    except ValueError:
        raise typer.BadParameter("numbers with commas between them, such as 1,4,16") from None
    if not found or found[0] < 1 or found[-1] > 256:
        raise typer.BadParameter("batches have 1 to 256 pictures")
    return found


def _chosen(names: list[str]) -> list[Contender]:
    if wrong := [name for name in names if name not in CONTENDERS]:
        raise typer.BadParameter(f"no engine {wrong[0]!r}; there are: {', '.join(CONTENDERS)}")
    return [CONTENDERS[name] for name in names or CONTENDERS]


def main(
    catalog: Annotated[
        Path, typer.Option(help="folder of the bundles, made there when missing")
    ] = Path(".classifycloud/bench"),
    architecture: Annotated[str, typer.Option(help="inception_v3, mobilenet_v2")] = "inception_v3",
    engine: Annotated[
        list[str] | None, typer.Option(help="one of the engines, as the table names it; repeat")
    ] = None,
    batches: Annotated[str, typer.Option(help="sizes, with commas")] = "1,2,4,8,16,32",
    rounds: Annotated[int, typer.Option(min=1, help="cells of each engine and batch")] = 3,
    seconds: Annotated[float, typer.Option(min=0.1, help="of a cell")] = 2.0,
    out: Annotated[Path | None, typer.Option(help="write the figures there as JSON")] = None,
) -> None:
    """Every engine by size of batch. With all of them and as it is, about a quarter of an hour."""
    chosen, sizes = _chosen(engine or []), _numbers(batches)
    paths = bundles(catalog, architecture, {each.stored for each in chosen})
    bounds = limits(next(iter(paths.values())), 2.0)
    cells, loading = measure(chosen, paths, sizes, rounds, seconds)
    peaks = {each.name: bounds["peaks"][each.computes] for each in chosen}
    found = rows(cells, peaks, bounds["gmacs"])
    print(markdown(found))
    print()
    for precision, peak in bounds["peaks"].items():
        print(f"Peak of one core, {precision}: {peak:.0f} billion multiply-adds a second.")
    print(f"A picture takes {bounds['gmacs']:.2f} billion multiply-adds.")
    if out is not None:
        told = {
            "versions": {each: version(each) for each in LIBRARIES},
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            **bounds,
            "load_seconds": loading,
            "rows": [asdict(row) for row in found],
        }
        out.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(main)
