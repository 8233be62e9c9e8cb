"""Asks `classifycloud simulate` what would come of the same arrivals."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.live.service import COMMAND
from bench.scaling.validate.measured import World
from bench.scaling.validate.outcome import Look, Outcome


def predict(arrivals: Path, world: World, options: Mapping[str, object]) -> Outcome:
    """Run the simulator.

    Args:
        arrivals: file of seconds.
        world: boot and service time.
        options: everything else, by the simulator's own option names.

    Raises:
        CalledProcessError: it refused.
    """
    given = {
        **options,
        "trace": arrivals,
        "boot": round(world.boot_seconds, 3),
        "service-time": round(world.service_seconds, 4),
    }
    arguments = [f"--{name}={value}" for name, value in given.items()]
    run = subprocess.run(
        [str(COMMAND), "simulate", "--json", "--series", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return read(json.loads(run.stdout))


def read(found: Mapping[str, Any]) -> Outcome:
    """One line of the simulator's JSON."""
    series = found["series"]
    looks = zip(series["at"], series["workers"], series["backlog"], strict=True)
    return Outcome(
        wait_mean=found["wait_mean"],
        wait_p50=found["wait_p50"],
        wait_p95=found["wait_p95"],
        wait_p99=found["wait_p99"],
        workers=found["worker_seconds"] / found["duration"],
        worker_seconds=found["worker_seconds"],
        launches=found["launches"],
        seconds=found["duration"],
        looks=[Look(*look) for look in looks],
    )
