"""`python -m bench.scaling.week`: seconds that the simulator takes for a week at 100 arrivals a second.

Ends with 1 when that is more than a minute of one core.
"""

import json
import resource
import subprocess
import time
from typing import Annotated

import typer

from bench.scaling.replay.runs import COMMAND


def main(
    policy: Annotated[str, typer.Option(help="scaling policy")] = "wait-time",
    trace: Annotated[str, typer.Option(help="generated trace")] = "diurnal",
    rate: Annotated[float, typer.Option(help="arrivals a second")] = 100.0,
    seconds: Annotated[float, typer.Option(help="that a picture takes")] = 1.0,
    days: Annotated[float, typer.Option(help="that are simulated")] = 7.0,
    bound: Annotated[float, typer.Option(help="seconds of one core that it may take")] = 60.0,
) -> None:
    """Run it once; the whole process counts, from its start to its end."""
    options = {
        "policy": policy, "trace": trace, "rate": rate, "duration": days * 86400,
        "service-time": seconds, "max-workers": max(2, int(4 * rate * seconds)),
    }  # fmt: skip
    command = [str(COMMAND), "simulate", "--json", *(f"--{n}={v}" for n, v in options.items())]
    began, before = time.monotonic(), _used()
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    wall = time.monotonic() - began
    used = _used() - before
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    row = json.loads(told)
    print(
        f"{row['answered']:,} pictures in {days:g} days, {trace}, {policy}, {seconds:g} s a picture: "
        f"{wall:.1f} s, {used:.1f} s of one core, "
        f"{most / 1024:.0f} MiB at most; p99 wait {row['wait_p99']:.2f} s, "
        f"{row['launches']:,} launches, {row['cost']:,.2f} $"
    )
    if used > bound:
        typer.echo(f"{used:.1f} s of one core are more than {bound:g} s", err=True)
        raise typer.Exit(1)


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    typer.run(main)
